package dev.freshet.gateway.upstream;

import java.io.ByteArrayOutputStream;

/// Collects bytes up to a limit, and drops what is beyond it.
final class BoundedBytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int limit;

    BoundedBytes(int limit) {
        this.limit = limit;
    }

    /// @return whether all of it fitted
    boolean add(byte[] source, int length) {
        int fitting = Math.min(length, limit - bytes.size());
        bytes.write(source, 0, fitting);
        return fitting == length;
    }

    byte[] toArray() {
        return bytes.toByteArray();
    }
}
