package dev.freshet.gateway.stream;

import java.util.Objects;

/// A place in a log. It moves over the entries without allocating: [#next] steps onto the next one, and the
/// other methods tell of the entry that it stands on. Owned by the log's event loop.
public final class LogCursor {
    private final StreamLog log;
    private LogChunk chunk;
    private int position;
    private int nextPosition;
    private int length;
    private long number;

    LogCursor(StreamLog log, LogChunk chunk) {
        this.log = log;
        this.chunk = chunk;
    }

    /// Steps onto the next entry, where there is one.
    public boolean next() {
        if (number == log.tail()) return false;
        if (nextPosition == chunk.end) {
            chunk = Objects.requireNonNull(chunk.next, "a log's tail lies in its last chunk");
            nextPosition = 0;
        }
        position = nextPosition;
        length = chunk.lengthAt(position);
        nextPosition = position + LogChunk.HEADER + length;
        number++;
        return true;
    }

    /// The entry's number; 0 before the first.
    public long number() {
        return number;
    }

    public EntryKind kind() {
        return EntryKind.numbered(chunk.bytes[position]);
    }

    /// The array that holds the entry's bytes, from [#offset] on; not to be written to.
    public byte[] array() {
        return chunk.bytes;
    }

    public int offset() {
        return position + LogChunk.HEADER;
    }

    /// The entry's length in bytes.
    public int length() {
        return length;
    }
}
