package dev.freshet.gateway.stream;

import java.util.Objects;

/// A place in a log. It moves over the entries without allocating: [#next] steps onto the next one, and the
/// other methods tell of the entry that it stands on.
///
/// Owned by one thread, which may be another than the log's: entries that are readable never change, and where
/// the next one lies (in this chunk or the next) is settled before it becomes readable.
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

    private LogCursor(LogCursor other) {
        this(other.log, other.chunk);
        position = other.position;
        nextPosition = other.nextPosition;
        length = other.length;
        number = other.number;
    }

    /// Another cursor at the same place.
    public LogCursor copy() {
        return new LogCursor(this);
    }

    /// Steps onto the next entry, where there is one that readers may see.
    public boolean next() {
        return next(log.readable());
    }

    /// The same, up to an entry that need not be readable yet.
    ///
    /// @param last the number of the last entry to step onto; at most the log's tail as this thread was told it
    public boolean next(long last) {
        if (number >= last) return false;
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

    /// Whether there is an entry that [#next] would step onto.
    public boolean hasNext() {
        return number < log.readable();
    }

    /// How many bytes lie ahead in memory, roughly: a hint for the size of a buffer.
    public int ahead() {
        int here = chunk.end - nextPosition;
        LogChunk following = chunk.next;
        return here == 0 && following != null ? following.end : here;
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
