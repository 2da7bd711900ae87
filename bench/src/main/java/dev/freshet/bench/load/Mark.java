package dev.freshet.bench.load;

import java.nio.ByteBuffer;

/// What a token's text holds: `~`, one letter for the kind, eight hex digits of its number, and sixteen of the time
/// ([System#nanoTime]) at which it was written. `~` occurs nowhere else in a stream.
final class Mark {
    static final byte START = '~';
    static final byte TOKEN = 't';
    static final byte END = 'e';
    static final int LENGTH = 26;
    static final String BLANK = "~" + "0".repeat(LENGTH - 1);

    private static final byte[] DIGITS = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };

    private Mark() {}

    /// Writes a mark over the blank one at `at`.
    static void put(ByteBuffer out, int at, byte kind, int number, long stamp) {
        out.put(at + 1, kind);
        for (int i = 0; i < 8; i++) out.put(at + 2 + i, DIGITS[number >>> (28 - 4 * i) & 15]);
        for (int i = 0; i < 16; i++) out.put(at + 10 + i, DIGITS[(int) (stamp >>> (60 - 4 * i)) & 15]);
    }

    static int number(byte[] mark) {
        return (int) hex(mark, 2, 10);
    }

    static long stamp(byte[] mark) {
        return hex(mark, 10, LENGTH);
    }

    private static long hex(byte[] mark, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) value = value << 4 | (mark[i] <= '9' ? mark[i] - '0' : mark[i] - 'a' + 10);
        return value;
    }
}
