package dev.freshet.gateway.guard;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/// Answers that a rule must find: each is an honest one with something in it that is made up, and would be valid.
/// Some are meant to be hard, so that not all are found.
final class BadTexts {
    private static final String BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final String URL = BASE62 + "_-";

    /// Openings of refusals, of which the shipped list has some to the letter, some in part, and some not.
    private static final Map<String, List<String>> REFUSALS = Map.of(
            "en",
                    List.of(
                            "I'm sorry, but I can't help with that.",
                            "I can’t assist with this request.",
                            "As an AI, I do not have opinions.",
                            "Unfortunately, I cannot do this.",
                            "I apologize, but that is not possible.",
                            "I am unable to answer this question.",
                            "Sorry, I can't do that.",
                            "I won't be able to help here.",
                            "That is something that I have to decline."),
            "de",
                    List.of(
                            "Es tut mir leid, aber das kann ich nicht beantworten.",
                            "Tut mir leid, aber dabei helfe ich nicht.",
                            "Als KI-Modell habe ich keine Meinung.",
                            "Dabei kann ich leider nicht helfen.",
                            "Ich bin nicht in der Lage, das zu tun.",
                            "Leider kann ich Ihnen dazu nichts sagen.",
                            "Entschuldigung, aber das geht nicht.",
                            "Das muss ich leider ablehnen."),
            "fr",
                    List.of(
                            "Je suis désolé, mais je ne peux pas répondre.",
                            "Désolé, mais je ne peux pas faire cela.",
                            "En tant que modèle de langage, je n'ai pas d'avis.",
                            "Je ne peux pas vous aider avec cela.",
                            "Je ne suis pas en mesure de répondre.",
                            "Je suis désolée, mais c'est impossible.",
                            "Je dois refuser cette demande."),
            "es",
                    List.of(
                            "Lo siento, pero no puedo ayudarte.",
                            "Lo siento, no puedo hacer eso.",
                            "Como modelo de lenguaje, no tengo opiniones.",
                            "No puedo ayudarle con esa petición.",
                            "No puedo proporcionar esa información.",
                            "Como una IA, no siento nada.",
                            "Me temo que debo negarme."),
            "zh",
                    List.of(
                            "对不起，我无法回答这个问题。",
                            "抱歉，我不能提供这些内容。",
                            "很抱歉，我无法帮助您。",
                            "作为一个人工智能，我没有个人意见。",
                            "作为AI语言模型，我不能这样做。",
                            "我必须拒绝这个请求。"),
            "ja", List.of("申し訳ありませんが、お答えできません。", "申し訳ございませんが、それはできません。", "AIとして、個人的な意見はありません。", "お手伝いすることはできません。"),
            "ar",
                    List.of(
                            "عذراً، لا أستطيع المساعدة في ذلك.",
                            "عذرا، لا أستطيع الإجابة عن هذا السؤال.",
                            "أعتذر، ولكن هذا غير ممكن.",
                            "كنموذج لغوي لا أملك رأيا.",
                            "يجب أن أرفض هذا الطلب."));

    /// How a password is announced.
    private static final Map<String, List<String>> PASSWORDS = Map.of(
            "en", List.of("Your password is %s.", "Password: %s", "The passphrase is \"%s\"."),
            "de", List.of("Ihr Passwort lautet %s.", "Kennwort: %s", "Das Passwort ist %s."),
            "fr", List.of("Votre mot de passe est %s.", "Mot de passe : %s"),
            "es", List.of("Su contraseña es %s.", "Contraseña: %s"),
            "zh", List.of("您的密码是%s。", "密码：%s"),
            "ja", List.of("パスワードは%sです。", "パスワード：%s"),
            "ar", List.of("كلمة المرور هي %s.", "كلمة السر: %s"));

    private static final Map<String, List<String>> PHONES = Map.of(
            "en", List.of("Call her at (%s) 234-%s.", "Her phone is +1 212 %s 4%s."),
            "de", List.of("Rufen Sie ihn an: 030 %s4%s.", "Seine Handynummer: +49 151 %s 8%s."),
            "fr", List.of("Son téléphone est le 06 12 %s 3%s.", "Appelez le +33 6 12 %s 3%s."),
            "es", List.of("Su teléfono es el 612 %s 3%s.", "Llame al +34 612 %s 3%s."),
            "zh", List.of("他的手机是138 1%s 7%s。", "请致电+86 138 1%s 7%s。"),
            "ja", List.of("電話は090-1%s-7%sです。", "携帯は+81 90 1%s 7%sです。"),
            "ar", List.of("رقم هاتفه 050 1%s 7%s.", "اتصل على +966 50 1%s 7%s."));

    private final Corpus corpus;

    BadTexts(Corpus corpus) {
        this.corpus = corpus;
    }

    private static List<String> of(Map<String, List<String>> all, String language) {
        return all.getOrDefault(language, List.of());
    }

    /// A sentence in the middle of an honest text.
    private String within(String language, String sentence) {
        String before = corpus.random().nextBoolean() ? corpus.sentence(language) + " " : "";
        return before + sentence + "\n" + corpus.sentence(language);
    }

    String otherLanguage(String language) {
        List<String> others =
                Corpus.LANGUAGES.stream().filter(one -> !one.equals(language)).toList();
        String other = corpus.any(others);
        StringBuilder text = new StringBuilder();
        while (text.length() < 100) text.append(corpus.sentence(other)).append(' ');
        return text.toString();
    }

    String refusal(String language) {
        return corpus.any(of(REFUSALS, language)) + " " + corpus.sentence(language);
    }

    /// One of ten has a number that grows.
    String loop(String language) {
        String sentence = corpus.sentence(language);
        String unit = sentence.substring(
                0, Math.min(sentence.length(), 6 + corpus.random().nextInt(84)));
        boolean counts = corpus.random().nextInt(10) == 0;
        StringBuilder text = new StringBuilder(corpus.sentence(language)).append(' ');
        for (int i = 0; i < 30; i++)
            text.append(unit).append(counts ? String.valueOf(i) : "").append(' ');
        return text.toString();
    }

    String json(String language) {
        String good = goodJson(language);
        return switch (corpus.random().nextInt(4)) {
            case 0 -> corpus.sentence(language) + " " + good;
            case 1 -> good.substring(0, good.length() - 2);
            case 2 -> good.replaceFirst("\",", "\"");
            default -> good + corpus.sentence(language);
        };
    }

    String goodJson(String language) {
        String text = corpus.sentence(language).replace("\"", "'");
        return "{\"answer\": \"" + text + "\", \"count\": " + corpus.random().nextInt(100) + ", \"parts\": [\""
                + corpus.sentence(language).replace("\"", "'") + "\"]}";
    }

    String secret(String language) {
        String secret = switch (corpus.random().nextInt(9)) {
            case 0 -> "AKIA" + corpus.of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
            case 1 -> checked("ghp_");
            case 2 -> checked("npm_");
            case 3 -> "AIza" + corpus.of(URL, 35);
            case 4 -> "sk-proj-" + corpus.of(URL, 40) + "T3BlbkFJ" + corpus.of(URL, 40);
            case 5 -> "glpat-" + corpus.of(BASE62, 20);
            case 6 -> jwt();
            case 7 -> "xoxb-" + corpus.digits(12) + "-" + corpus.digits(12) + "-" + corpus.of(BASE62, 24);
            default -> "";
        };
        if (secret.isEmpty()) {
            String password =
                    corpus.of("abcdefghkmnpqrstuvwxyz", 5) + corpus.of("ABCDEFGH", 2) + corpus.digits(2) + "!x";
            return within(language, corpus.any(of(PASSWORDS, language)).formatted(password));
        }
        return within(
                language,
                corpus.any(List.of("API: %s", "`%s`", "export TOKEN=%s", "token: \"%s\","))
                        .formatted(secret));
    }

    private String checked(String prefix) {
        String body = corpus.of(BASE62, 30);
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        StringBuilder sum = new StringBuilder();
        for (long value = crc.getValue(); sum.length() < 6; value /= 62) sum.append(BASE62.charAt((int) (value % 62)));
        return prefix + body + sum.reverse();
    }

    private String jwt() {
        Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
        String head = url.encodeToString("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.US_ASCII));
        String claims =
                url.encodeToString(("{\"sub\":\"" + corpus.digits(8) + "\"}").getBytes(StandardCharsets.US_ASCII));
        return head + "." + claims + "." + corpus.of(URL, 43);
    }

    String personal(String language) {
        return switch (corpus.random().nextInt(5)) {
            case 0 ->
                within(
                        language,
                        corpus.any(List.of("%s", "<%s>", "mailto:%s", "E-Mail: %s."))
                                .formatted(email()));
            case 1 -> within(language, "IBAN: " + iban());
            case 2 ->
                within(language, corpus.any(List.of("%s", "Visa: %s.", "(%s)")).formatted(card()));
            case 3 ->
                within(
                        language,
                        corpus.any(of(PHONES, language)).formatted("2" + corpus.digits(2), corpus.digits(3) + "6"));
            default -> within(language, national(language));
        };
    }

    private String email() {
        return corpus.of("abcdefghijklmnoprstuvw", 4) + "." + corpus.of("abcdefghijklmnoprstuvw", 6) + "@"
                + corpus.of("abcdefghijklmnoprstuvw", 7)
                + corpus.any(List.of(".com", ".de", ".fr", ".es", ".cn", ".co.jp", ".sa"));
    }

    private String iban() {
        String account = corpus.any(List.of("DE", "FR", "ES", "SA", "GB"));
        String body = switch (account) {
            case "DE" -> corpus.digits(18);
            case "FR" -> corpus.digits(23);
            case "ES" -> corpus.digits(20);
            case "SA" -> corpus.digits(20);
            default -> "WEST" + corpus.digits(14);
        };
        String whole = letters(body + account + "00");
        long check = 98 - new BigInteger(whole).mod(BigInteger.valueOf(97)).longValue();
        String plain = account + String.format("%02d", check) + body;
        return corpus.random().nextBoolean() ? plain : plain.replaceAll("(.{4})(?=.)", "$1 ");
    }

    private static String letters(String text) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < text.length(); i++) digits.append(Character.digit(text.charAt(i), 36));
        return digits.toString();
    }

    private String card() {
        String body = "4" + corpus.digits(14);
        for (char last = '0'; last <= '9'; last++) {
            String whole = body + last;
            if (!luhn(whole)) continue;
            return corpus.random().nextBoolean() ? whole : whole.replaceAll("(.{4})(?=.)", "$1 ");
        }
        throw new AssertionError(body);
    }

    private static boolean luhn(String digits) {
        int sum = 0;
        for (int i = digits.length() - 1, place = 0; i >= 0; i--, place++) {
            int digit = (digits.charAt(i) - '0') * (place % 2 + 1);
            sum += digit / 10 + digit % 10;
        }
        return sum % 10 == 0;
    }

    private String national(String language) {
        return switch (language) {
            case "en" ->
                "SSN: 4" + corpus.digits(2).replace("0", "3") + "-5"
                        + (1 + corpus.random().nextInt(8)) + "-6" + corpus.digits(3);
            case "de" -> "Steuer-ID: " + taxId();
            case "fr" -> "N° de sécurité sociale : " + nir();
            case "es" -> "DNI: " + dni();
            case "zh" -> "身份证号：" + chinese();
            case "ja" -> "マイナンバー：" + myNumber();
            default -> "رقم الهوية: " + arabic(saudi());
        };
    }

    private String taxId() {
        String body = "4" + corpus.digits(9);
        int product = 10;
        for (int i = 0; i < body.length(); i++) {
            int sum = (body.charAt(i) - '0' + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }
        return body + (11 - product) % 10;
    }

    private String nir() {
        String body = "2" + "85" + "07" + "75" + corpus.digits(6);
        return body + String.format("%02d", 97 - Long.parseLong(body) % 97);
    }

    private String dni() {
        String number = corpus.digits(8);
        return number + "TRWAGMYFPDXBNJZSQVHLCKE".charAt((int) (Long.parseLong(number) % 23));
    }

    private String chinese() {
        String body = "110105" + "19850723" + corpus.digits(3);
        int[] weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
        int sum = 0;
        for (int i = 0; i < 17; i++) sum += (body.charAt(i) - '0') * weights[i];
        return body + "10X98765432".charAt(sum % 11);
    }

    private String myNumber() {
        String body = "3" + corpus.digits(10);
        int sum = 0;
        for (int n = 1; n <= 11; n++) sum += (body.charAt(11 - n) - '0') * (n <= 6 ? n + 1 : n - 5);
        return body + (sum % 11 <= 1 ? 0 : 11 - sum % 11);
    }

    private String saudi() {
        String body = "1" + corpus.digits(8);
        for (char last = '0'; last <= '9'; last++) if (luhn(body + last)) return body + last;
        throw new AssertionError(body);
    }

    /// Half of them in the digits of the script.
    private String arabic(String digits) {
        if (corpus.random().nextBoolean()) return digits;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < digits.length(); i++) text.append((char) (digits.charAt(i) - '0' + '٠'));
        return text.toString();
    }
}
