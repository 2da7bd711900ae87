package dev.freshet.sse;

import java.util.Arrays;

/// Bytes that are kept from one read to the next. Holds no memory until it is used, and little once it is empty
/// again, because thousands of streams may be held at the same time.
final class ByteStore {
    /// The largest array that is kept while it is empty: most events fit, and a held stream stays small.
    static final int RETAINED_BYTES = 1024;

    private static final byte[] NONE = {};
    private static final int SMALLEST = 64;

    private byte[] bytes = NONE;
    private int length;

    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    int capacity() {
        return bytes.length;
    }

    void append(byte[] source, int offset, int count) {
        reserve(count);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    void append(byte one) {
        reserve(1);
        bytes[length++] = one;
    }

    /// Empties the store, and leaves the array as it is for whoever still reads it.
    void clear() {
        length = 0;
    }

    /// Gives up an array that a giant has left behind.
    void shrink() {
        if (length == 0 && bytes.length > RETAINED_BYTES) {
            bytes = NONE;
        }
    }

    void release() {
        length = 0;
        bytes = NONE;
    }

    private void reserve(int count) {
        long needed = (long) length + count;
        if (needed <= bytes.length) {
            return;
        }
        if (needed > Integer.MAX_VALUE - 8) {
            throw new OutOfMemoryError("an array cannot hold " + needed + " bytes");
        }
        long doubled = Math.max(SMALLEST, Math.max(needed, 2L * bytes.length));
        bytes = Arrays.copyOf(bytes, (int) Math.min(doubled, Integer.MAX_VALUE - 8));
    }
}
