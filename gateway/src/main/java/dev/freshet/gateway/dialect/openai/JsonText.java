package dev.freshet.gateway.dialect.openai;

import java.nio.charset.StandardCharsets;

/// The inside of JSON strings. Stateless. Source: RFC 8259, section 7.
final class JsonText {
    private static final int HEX_DIGITS = 4;

    private JsonText() {}

    /// Appends what a string says, whose inside lies in these bytes. What is wrong in it is left as it stands.
    static void unescape(byte[] array, int from, int to, StringBuilder into) {
        int plain = from;
        for (int at = from; at < to; at++) {
            if (array[at] != '\\' || at + 1 == to) continue;
            append(array, plain, at, into);
            at = escape(array, at + 1, to, into);
            plain = at + 1;
        }
        append(array, plain, to, into);
    }

    private static void append(byte[] array, int from, int to, StringBuilder into) {
        if (from < to) into.append(new String(array, from, to - from, StandardCharsets.UTF_8));
    }

    /// @param at the letter behind the backslash
    /// @return the last byte of the escape
    private static int escape(byte[] array, int at, int to, StringBuilder into) {
        switch (array[at]) {
            case 'n' -> into.append('\n');
            case 't' -> into.append('\t');
            case 'r' -> into.append('\r');
            case 'b' -> into.append('\b');
            case 'f' -> into.append('\f');
            case 'u' -> {
                return unit(array, at, to, into);
            }
            default -> into.append((char) (array[at] & 0xff));
        }
        return at;
    }

    private static int unit(byte[] array, int at, int to, StringBuilder into) {
        int unit = 0;
        for (int i = 1; i <= HEX_DIGITS; i++) {
            int digit = at + i < to ? Character.digit(array[at + i], 16) : -1;
            if (digit < 0) {
                into.append("\\u");
                return at;
            }
            unit = unit << 4 | digit;
        }
        into.append((char) unit);
        return at + HEX_DIGITS;
    }
}
