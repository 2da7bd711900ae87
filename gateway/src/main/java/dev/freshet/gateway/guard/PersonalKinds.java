package dev.freshet.gateway.guard;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;

/// The kinds of data by which a person is known. Stateless.
///
/// Sources: ISO 13616 (IBAN), ISO/IEC 7812 (cards), ITU-T E.164 (telephone numbers), and of each country's numbers
/// the authority that gives them.
final class PersonalKinds {
    private static final String LEFT = "(?<![A-Za-z0-9.])";
    private static final String RIGHT = "(?![A-Za-z0-9]|[.,-][0-9])";

    /// Who reads these is nobody in particular.
    private static final Set<String> ROLES = Set.of(
            "info",
            "support",
            "contact",
            "kontakt",
            "hello",
            "help",
            "admin",
            "sales",
            "office",
            "service",
            "press",
            "noreply",
            "no-reply",
            "postmaster",
            "webmaster",
            "abuse",
            "security",
            "privacy",
            "jobs",
            "hr",
            "team",
            "user",
            "name",
            "you",
            "me",
            "someone",
            "git",
            "root",
            "mail",
            "email",
            "username",
            "first.last",
            "feedback");

    /// Numbers that payment companies publish for tests.
    private static final Set<String> TEST_CARDS = Set.of(
            "4111111111111111",
            "4242424242424242",
            "4012888888881881",
            "5555555555554444",
            "5105105105105100",
            "378282246310005",
            "371449635398431",
            "6011111111111117",
            "3530111333300000",
            "4000056655665556");

    /// What announces a telephone number; those of scripts without spaces stand anywhere.
    private static final String PHONE =
            "(?<!\\p{L})(?:phone|telephone|call|mobile|tel|cell|whatsapp|fax|telefon|handy|mobil|handynummer"
                    + "|rufnummer|telefonnummer|rufen|téléphone|portable|appelez|teléfono|móvil|llame|llama|celular)(?!\\p{L})"
                    + "|电话|手机|致电|電話|携帯|هاتف|جوال|اتصل|الاتصال|موبايل";

    static final List<Kind> ALL = List.of(
            Kind.of(
                    "email",
                    "an e-mail address",
                    "(?<![A-Za-z0-9._%+@-])([A-Za-z0-9._%+-]{1,64})@((?:[A-Za-z0-9-]{1,63}\\.){1,5}([A-Za-z]{2,24}))(?![A-Za-z0-9@])",
                    PersonalKinds::email),
            Kind.of(
                    "iban",
                    "an account number",
                    LEFT + "[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?" + RIGHT,
                    PersonalKinds::iban),
            Kind.of(
                    "credit_card",
                    "a card number",
                    LEFT
                            + "(?:[2-6][0-9]{3}(?:[ -][0-9]{4}){3}|3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5}|[2-6][0-9]{13,15})"
                            + RIGHT,
                    PersonalKinds::card),
            Kind.of(
                    "phone",
                    "a telephone number",
                    "(?<![A-Za-z0-9.+])\\+[1-9][0-9]{0,2}(?:[ ./-]?\\(0?[0-9]{0,5}\\)|[ ./-]?[0-9]){6,13}" + RIGHT,
                    PersonalKinds::international),
            Kind.of(
                            "phone_national",
                            "a telephone number",
                            LEFT + "(?:\\([0-9]{2,5}\\)|0?[0-9]{2,5})(?:[ ./-]?[0-9]){5,10}" + RIGHT,
                            PersonalKinds::national)
                    .announcedBy(PHONE),
            Kind.of(
                    "us_ssn",
                    "a social security number",
                    LEFT + "[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}" + RIGHT,
                    PersonalKinds::ssn),
            Kind.of(
                            "de_tax_id",
                            "a tax number",
                            LEFT + "[1-9][0-9](?: ?[0-9]{3}){3}" + RIGHT,
                            found -> Digits.mod1110(Digits.of(found.group())))
                    .announcedBy("steuer|idnr|tax id|\\btin\\b"),
            Kind.of(
                    "fr_nir",
                    "a social security number",
                    LEFT
                            + "[12] ?[0-9]{2} ?(?:0[1-9]|1[0-2]|[2-9][0-9]) ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}"
                            + RIGHT,
                    PersonalKinds::nir),
            Kind.of(
                    "es_dni",
                    "an identity number",
                    LEFT + "([XYZ]?)-?([0-9]{7,8})-?([A-Z])" + RIGHT,
                    PersonalKinds::dni),
            Kind.of(
                    "cn_id",
                    "an identity number",
                    LEFT + "[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
                            + RIGHT,
                    PersonalKinds::chinese),
            Kind.of(
                            "jp_my_number",
                            "an identity number",
                            LEFT + "[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}" + RIGHT,
                            PersonalKinds::myNumber)
                    .announcedBy("マイナンバー|個人番号|my number"),
            Kind.of("sa_id", "an identity number", LEFT + "[12][0-9]{9}" + RIGHT, found -> Digits.luhn(found.group()))
                    .announcedBy("هوية|إقامة|national id|iqama"));

    private PersonalKinds() {}

    private static boolean email(Matcher found) {
        String host = found.group(2).toLowerCase(Locale.ROOT);
        String top = found.group(3).toLowerCase(Locale.ROOT);
        boolean nobodys = host.matches("(?:.*\\.)?example\\.(?:com|org|net|de|fr|es)")
                || Set.of("test", "invalid", "example", "local", "localhost", "png", "jpg", "svg", "js")
                        .contains(top);
        return !nobodys && !ROLES.contains(found.group(1).toLowerCase(Locale.ROOT));
    }

    private static boolean iban(Matcher found) {
        String plain = found.group().replace(" ", "");
        return plain.length() >= 15
                && plain.length() <= 34
                && Digits.mod(plain.substring(4) + plain.substring(0, 4), 97) == 1;
    }

    private static boolean card(Matcher found) {
        String digits = Digits.of(found.group());
        boolean issued =
                digits.matches("4.*|5[1-5].*|2(?:2[2-9]|[3-6]|7[01]).*|3[47].*|3[068].*|35.*|6(?:011|4[4-9]|5|2).*");
        return issued && Digits.varied(digits, 3) && Digits.luhn(digits) && !TEST_CARDS.contains(digits);
    }

    private static boolean international(Matcher found) {
        String digits = Digits.of(found.group());
        boolean fiction = digits.matches("1\\d{3}55501\\d{2}");
        return digits.length() >= 8 && digits.length() <= 15 && Digits.varied(digits, 4) && !fiction;
    }

    private static boolean national(Matcher found) {
        String digits = Digits.of(found.group());
        boolean date =
                found.group().matches("(?:19|20)[0-9]{2}[./-].*|[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)?[0-9]{2}");
        boolean fiction = digits.matches("\\d{3}55501\\d{2}");
        return digits.length() >= 8 && digits.length() <= 14 && Digits.varied(digits, 4) && !date && !fiction;
    }

    private static boolean ssn(Matcher found) {
        String digits = Digits.of(found.group());
        boolean never = digits.startsWith("000")
                || digits.startsWith("666")
                || digits.startsWith("00", 3)
                || digits.endsWith("0000");
        return !never && !Set.of("123456789", "078051120", "219099999").contains(digits);
    }

    private static boolean nir(Matcher found) {
        String plain = found.group().replace(" ", "").replace("2A", "19").replace("2B", "18");
        if (!plain.matches("[0-9]{15}")) return false;
        return 97 - Long.parseLong(plain.substring(0, 13)) % 97 == Long.parseLong(plain.substring(13));
    }

    private static boolean dni(Matcher found) {
        String first = found.group(1);
        boolean foreigner = !first.isEmpty();
        if (found.group(2).length() != (foreigner ? 7 : 8)) return false;
        long number = Long.parseLong((foreigner ? String.valueOf("XYZ".indexOf(first)) : "") + found.group(2));
        return "TRWAGMYFPDXBNJZSQVHLCKE".charAt((int) (number % 23))
                == found.group(3).charAt(0);
    }

    private static boolean chinese(Matcher found) {
        String text = found.group().toUpperCase(Locale.ROOT);
        int sum = 0;
        int weight = 1;
        for (int i = 16; i >= 0; i--) {
            weight = weight * 2 % 11;
            sum += (text.charAt(i) - '0') * weight;
        }
        return "10X98765432".charAt(sum % 11) == text.charAt(17);
    }

    private static boolean myNumber(Matcher found) {
        String digits = Digits.of(found.group());
        int sum = 0;
        for (int n = 1; n <= 11; n++) sum += (digits.charAt(11 - n) - '0') * (n <= 6 ? n + 1 : n - 5);
        int rest = sum % 11;
        return (rest <= 1 ? 0 : 11 - rest) == digits.charAt(11) - '0' && Digits.varied(digits, 4);
    }
}
