package dev.freshet.gateway.stream;

import org.jspecify.annotations.Nullable;

/// A piece of a log's memory. Entries lie one behind another, each as kind (1 byte), length (4 bytes), bytes,
/// and never across two pieces. The first piece is small, because most streams that are held have few tokens
/// yet.
final class LogChunk {
    static final int HEADER = 5;
    static final int FIRST = 1024;
    private static final int REST = 8 * 1024;

    final byte[] bytes;
    int end;

    @Nullable
    LogChunk next;

    private LogChunk(int size) {
        bytes = new byte[size];
    }

    static LogChunk first() {
        return new LogChunk(FIRST);
    }

    boolean fits(int length) {
        return end + HEADER + length <= bytes.length;
    }

    /// The size of a chunk that begins with an entry of that length.
    static int sizeFor(int length) {
        return Math.max(REST, length + HEADER);
    }

    /// A new chunk behind this one.
    LogChunk followedBy(int size) {
        LogChunk chunk = new LogChunk(size);
        next = chunk;
        return chunk;
    }

    void put(EntryKind kind, byte[] source, int offset, int length) {
        bytes[end] = (byte) kind.ordinal();
        bytes[end + 1] = (byte) (length >>> 24);
        bytes[end + 2] = (byte) (length >>> 16);
        bytes[end + 3] = (byte) (length >>> 8);
        bytes[end + 4] = (byte) length;
        System.arraycopy(source, offset, bytes, end + HEADER, length);
        end += HEADER + length;
    }

    int lengthAt(int position) {
        return (bytes[position + 1] & 0xff) << 24
                | (bytes[position + 2] & 0xff) << 16
                | (bytes[position + 3] & 0xff) << 8
                | (bytes[position + 4] & 0xff);
    }
}
