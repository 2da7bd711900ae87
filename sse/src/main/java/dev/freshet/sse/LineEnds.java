package dev.freshet.sse;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Finds where lines end: at a CR or an LF, and at no other character (WHATWG HTML 9.2.5).
///
/// Looks at 32 bytes at a time, because a stream is one long scan for line ends. Text has hardly a byte below 0x0E
/// but line ends, so one subtraction sorts out almost every word; only a word with such a byte is looked at
/// exactly.
final class LineEnds {
    // Little-endian on every machine: the first byte in memory is then the lowest byte of the word.
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final long FIRST_ABOVE = 0x0E * ONES;

    private LineEnds() {}

    /// The index of the first CR or LF in `[from, to)`, or -1.
    static int next(byte[] bytes, int from, int to) {
        int at = from;
        for (; at <= to - 32; at += 32) {
            long low = low(word(bytes, at))
                    | low(word(bytes, at + 8))
                    | low(word(bytes, at + 16))
                    | low(word(bytes, at + 24));
            if (low == 0) {
                continue;
            }
            int found = nextInWords(bytes, at, at + 32);
            if (found >= 0) {
                return found;
            }
        }
        int words = at + ((to - at) & ~7);
        int found = nextInWords(bytes, at, words);
        return found >= 0 ? found : nextByByte(bytes, words, to);
    }

    /// As [#next], over a whole number of words.
    private static int nextInWords(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at += 8) {
            long word = word(bytes, at);
            if (low(word) != 0) {
                // A borrow may mark bytes above a true match, never below one: the lowest mark is right.
                long ends = zeros(word ^ ('\n' * ONES)) | zeros(word ^ ('\r' * ONES));
                if (ends != 0) {
                    return at + (Long.numberOfTrailingZeros(ends) >>> 3);
                }
            }
        }
        return -1;
    }

    private static int nextByByte(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] == '\n' || bytes[at] == '\r') {
                return at;
            }
        }
        return -1;
    }

    private static long word(byte[] bytes, int at) {
        return (long) WORDS.get(bytes, at);
    }

    /// Not zero if a byte of the word is below 0x0E.
    private static long low(long word) {
        return (word - FIRST_ABOVE) & ~word & HIGH_BITS;
    }

    private static long zeros(long word) {
        return (word - ONES) & ~word & HIGH_BITS;
    }
}
