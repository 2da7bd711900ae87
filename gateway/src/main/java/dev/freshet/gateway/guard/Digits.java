package dev.freshet.gateway.guard;

/// Digits and their checksums, in the scripts in which people write them. Stateless.
final class Digits {
    private Digits() {}

    static boolean is(char c) {
        return c >= '0' && c <= '9';
    }

    /// A digit of any script as 0 to 9; a full-width letter or mark as the plain one; anything else as it is.
    static char plain(char c) {
        if (c < 0x660) return c;
        if (c >= 0xff01 && c <= 0xff5e) return (char) (c - 0xfee0);
        int digit = Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER ? Character.digit(c, 10) : -1;
        return digit < 0 ? c : (char) ('0' + digit);
    }

    /// The digits of a text, without what stands between them.
    static String of(CharSequence text) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < text.length(); i++) if (is(text.charAt(i))) digits.append(text.charAt(i));
        return digits.toString();
    }

    /// Source: ISO/IEC 7812-1, annex B.
    static boolean luhn(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(digits.length() - 1 - i) - '0';
            int twice = i % 2 == 1 ? digit * 2 : digit;
            sum += twice > 9 ? twice - 9 : twice;
        }
        return sum % 10 == 0;
    }

    /// The rest of a number of any length; letters count as 10 to 35. Source: ISO 13616, ISO/IEC 7064.
    static int mod(String text, int divisor) {
        int rest = 0;
        for (int i = 0; i < text.length(); i++) {
            int value = Character.digit(text.charAt(i), 36);
            rest = (rest * (value > 9 ? 100 : 10) + value) % divisor;
        }
        return rest;
    }

    /// The last digit is right. Source: ISO/IEC 7064, MOD 11,10.
    static boolean mod1110(String digits) {
        int product = 10;
        for (int i = 0; i < digits.length() - 1; i++) {
            int sum = (digits.charAt(i) - '0' + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }
        return (11 - product) % 10 == digits.charAt(digits.length() - 1) - '0';
    }

    /// Whether some different characters are in it: a placeholder has few.
    static boolean varied(String text, int least) {
        return text.chars().distinct().count() >= least;
    }
}
