package dev.freshet.gateway.stream.disk;

import dev.freshet.gateway.stream.Durability;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.StreamLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A running stream, as the journal's thread knows it. What a field belongs to is said beside it.
final class DiskLog implements Durability {
    // final
    final StreamLog log;
    final long number;
    final byte @Nullable [] request;
    private final JournalWriter writer;

    // the log's loop
    private Runnable kept;

    // handed from the log's loop to the journal's thread
    private volatile long tail;
    private final Queue<byte[]> notes = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean waiting = new AtomicBoolean();

    // the journal's thread
    LogCursor cursor;
    final List<byte[]> noted = new ArrayList<>(1);
    boolean opened;
    /// The group that opened it, and how many bytes the journal had got by then.
    long group;

    long groupBytes;

    // handed back to the log's loop
    private volatile long safe;

    DiskLog(StreamLog log, long number, byte @Nullable [] request, JournalWriter writer, Runnable kept) {
        this.log = log;
        this.number = number;
        this.request = request;
        this.writer = writer;
        this.kept = kept;
        cursor = log.fromStart();
    }

    /// The stream is to be known to the journal, though nothing was appended yet.
    void begin() {
        wake();
    }

    /// For a stream of an earlier process: its entries are in the journal.
    void restored(long inGroup, List<byte[]> itsNotes) {
        opened = true;
        group = inGroup;
        noted.addAll(itsNotes);
        tail = log.tail();
        safe = tail;
        while (cursor.next(tail)) {
            // walks to the end
        }
    }

    @Override
    public void appended(StreamLog appended) {
        if (tail == appended.tail()) return;
        tail = appended.tail();
        wake();
    }

    @Override
    public void note(StreamLog noting, byte[] note) {
        notes.add(note);
        wake();
    }

    private void wake() {
        if (waiting.compareAndSet(false, true)) writer.submit(this);
    }

    @Override
    public boolean durable() {
        return true;
    }

    /// Takes what has come since the last time. On the journal's thread.
    ///
    /// @return the number of the last entry that there is
    long take(List<byte[]> newNotes) {
        waiting.set(false);
        for (byte[] note = notes.poll(); note != null; note = notes.poll()) newNotes.add(note);
        return tail;
    }

    /// Entries up to the cursor are safe. On the journal's thread; [#tell] follows on the log's loop.
    void committed() {
        safe = cursor.number();
    }

    void tell() {
        begun();
        log.readable(safe);
    }

    /// The store has failed. On the log's loop.
    void abandon() {
        log.loseDurability();
        begun();
    }

    private void begun() {
        Runnable once = kept;
        kept = () -> {};
        once.run();
    }
}
