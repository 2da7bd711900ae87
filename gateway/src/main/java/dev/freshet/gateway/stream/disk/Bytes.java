package dev.freshet.gateway.stream.disk;

import java.util.Arrays;

/// Bytes that are written one behind another, and cleared to be used again. Numbers are big-endian.
final class Bytes {
    private byte[] array = new byte[64 << 10];
    private int length;

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    void put(int oneByte) {
        room(1);
        array[length++] = (byte) oneByte;
    }

    void putInt(int value) {
        room(Integer.BYTES);
        length += Integer.BYTES;
        setInt(length - Integer.BYTES, value);
    }

    void setInt(int at, int value) {
        for (int i = 0; i < Integer.BYTES; i++) array[at + i] = (byte) (value >>> (8 * (Integer.BYTES - 1 - i)));
    }

    void putLong(long value) {
        putInt((int) (value >>> 32));
        putInt((int) value);
    }

    void put(byte[] source, int offset, int count) {
        room(count);
        System.arraycopy(source, offset, array, length, count);
        length += count;
    }

    private void room(int count) {
        if (array.length - length < count) array = Arrays.copyOf(array, Math.max(array.length * 2, length + count));
    }

    byte[] toArray() {
        return Arrays.copyOf(array, length);
    }
}
