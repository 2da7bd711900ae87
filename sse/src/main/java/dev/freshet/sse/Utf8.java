package dev.freshet.sse;

import static java.nio.charset.StandardCharsets.UTF_8;

/// UTF-8 to strings, malformed bytes becoming U+FFFD as browsers count them (WHATWG Encoding 8.1.1).
///
/// The JDK gives one U+FFFD for an encoded surrogate, where the standard gives one for each of its three bytes. So
/// the JDK decodes, and only a text with a U+FFFD in it is decoded again here.
final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private Utf8() {}

    static String decode(byte[] bytes, int offset, int length) {
        String text = new String(bytes, offset, length, UTF_8);
        return text.indexOf(REPLACEMENT) < 0 ? text : decodeByTheStandard(bytes, offset, offset + length);
    }

    private static String decodeByTheStandard(byte[] bytes, int from, int to) {
        StringBuilder text = new StringBuilder(to - from);
        int at = from;
        while (at < to) {
            int lead = bytes[at++] & 0xFF;
            int needed = continuations(lead);
            int point = needed == 0 ? lead : lead & (0x3F >> needed);
            int missing = needed;
            while (missing > 0 && at < to && mayFollow(lead, bytes[at] & 0xFF, missing == needed)) {
                point = (point << 6) | (bytes[at++] & 0x3F);
                missing--;
            }
            text.appendCodePoint(missing == 0 ? point : REPLACEMENT);
        }
        return text.toString();
    }

    /// How many bytes a lead byte announces; a byte that can lead nothing announces one that never comes.
    private static int continuations(int lead) {
        if (lead < 0x80) {
            return 0;
        }
        if (lead < 0xC2 || lead > 0xF4) {
            return Integer.MAX_VALUE;
        }
        return lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    }

    /// The second byte is narrowed by some leads: no overlong forms, no surrogates, nothing above U+10FFFF.
    private static boolean mayFollow(int lead, int next, boolean second) {
        if (lead < 0xC2 || lead > 0xF4) {
            return false;
        }
        int lowest = !second ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int highest = !second ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        return lowest <= next && next <= highest;
    }
}
