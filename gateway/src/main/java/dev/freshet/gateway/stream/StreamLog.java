package dev.freshet.gateway.stream;

import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.StreamId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stream's entries in memory, numbered densely from 1. The exchange appends; every connection is a reader.
///
/// Appending and delivering are two steps: all the events of one network read are appended, then [#publish]
/// tells the readers once, so that they become one write. Owned by one event loop; nothing here may be called
/// from another thread.
public final class StreamLog {
    private final StreamId id;
    private final long maxBytes;
    private final List<LogReader> readers = new ArrayList<>(1);
    private final LogChunk first = LogChunk.first();
    private LogChunk last = first;
    private long tail;
    private long bytes;
    private @Nullable Outcome outcome;

    /// @param maxBytes how much the entries may take, in bytes
    public StreamLog(StreamId id, long maxBytes) {
        this.id = id;
        this.maxBytes = maxBytes;
    }

    public StreamId id() {
        return id;
    }

    /// The number of the newest entry; 0 while there is none.
    public long tail() {
        return tail;
    }

    /// What the entries take, in bytes.
    public long bytes() {
        return bytes;
    }

    /// How the stream ended; null while it runs.
    public @Nullable Outcome outcome() {
        return outcome;
    }

    /// Adds an entry; its bytes are copied. Readers see it at the next [#publish].
    ///
    /// @return whether it fitted; an entry that does not fit leaves the log as it was
    public boolean append(EntryKind kind, byte[] source, int offset, int length) {
        if (bytes + length > maxBytes) return false;
        add(kind, source, offset, length);
        return true;
    }

    /// Ends the stream: what the readers see last (`[DONE]` or an error), and the terminal entry, in one step
    /// and whatever the size limit says. Nothing can be appended afterwards.
    ///
    /// @throws IllegalStateException where the stream had ended
    public void end(Outcome how, EntryKind lastKind, byte[] lastWords) {
        add(lastKind, lastWords, 0, lastWords.length);
        add(EntryKind.END, lastWords, 0, 0);
        outcome = how;
        publish();
    }

    private void add(EntryKind kind, byte[] source, int offset, int length) {
        if (outcome != null) throw new IllegalStateException("stream " + id + " has ended");
        if (!last.fits(length)) last = last.followedBy(length);
        last.put(kind, source, offset, length);
        tail++;
        bytes += length;
    }

    /// Tells the readers that there is something new.
    public void publish() {
        // A reader may leave while it is told.
        for (int i = readers.size() - 1; i >= 0; i--) readers.get(i).appended();
    }

    /// Adds a reader; the caller gives it a cursor, and from now on it is told of what is new.
    public void join(LogReader reader) {
        readers.add(reader);
    }

    /// Removes a reader.
    ///
    /// @return how many are left
    public int leave(LogReader reader) {
        readers.remove(reader);
        return readers.size();
    }

    /// A cursor before the first entry.
    public LogCursor fromStart() {
        return new LogCursor(this, first);
    }
}
