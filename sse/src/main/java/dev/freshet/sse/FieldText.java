package dev.freshet.sse;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The value of an `event` or `id` field, kept as bytes. It becomes a string when someone asks, and is not made
/// again while the values that come are the same: a stream that names its events makes no string for each.
final class FieldText {
    private final ByteStore bytes = new ByteStore();
    private boolean cleared; // the bytes are those of the value before, kept for the sake of the string
    private @Nullable String text;

    void set(byte[] source, int offset, int length) {
        cleared = false;
        if (!Arrays.equals(bytes.array(), 0, bytes.length(), source, offset, offset + length)) {
            erase();
            bytes.append(source, offset, length);
        }
    }

    void clear() {
        cleared = true;
        if (bytes.length() > ByteStore.RETAINED_BYTES) {
            erase();
        }
    }

    boolean isEmpty() {
        return cleared || bytes.length() == 0;
    }

    boolean is(String ascii) {
        int length = isEmpty() ? 0 : bytes.length();
        if (ascii.length() != length) {
            return false;
        }
        byte[] array = bytes.array();
        for (int i = 0; i < length; i++) {
            if (array[i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    String text() {
        if (isEmpty()) {
            return "";
        }
        String known = text;
        if (known == null) {
            known = Utf8.decode(bytes.array(), 0, bytes.length());
            text = known;
        }
        return known;
    }

    int heldBytes() {
        return bytes.capacity();
    }

    void release() {
        text = null;
        bytes.release();
    }

    private void erase() {
        text = null;
        bytes.clear();
        bytes.shrink();
    }
}
