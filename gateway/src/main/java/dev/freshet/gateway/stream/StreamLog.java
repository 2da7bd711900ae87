package dev.freshet.gateway.stream;

import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.StreamId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A stream's entries, numbered densely from 1. The exchange appends; every connection is a reader.
///
/// Appending and delivering are two steps: all the events of one network read are appended, then [#publish]
/// has them made safe, and when they are ([#readable]) the readers are told, once, so that they become one
/// write.
///
/// Owned by one event loop. Other threads may join, leave, make cursors, and ask [#readable], [#outcome],
/// [#numbered] and [#head].
public final class StreamLog {
    /// Set aside for how a stream ends, so that thousands that end in the same moment do not take more than all
    /// may: an error and the final state fit into it, where the attempts were few.
    private static final int LAST_WORDS = 2 * 1024;

    /// What a stream takes at its beginning.
    static final int AT_FIRST = LogChunk.FIRST + LAST_WORDS;

    private final StreamHead head;
    private final Executor loop;
    private final MemoryBudget budget;
    private final List<Reading> readings = new ArrayList<>(1);
    private final AtomicInteger audience = new AtomicInteger();
    private final LogChunk first;
    private LogChunk last;
    private long tail;
    private long bytes;
    private long taken;
    private int endLength;
    private Durability durability = Durability.NONE;
    private @Nullable LogWriter writer;
    private @Nullable Runnable whenEnded; // null until a store keeps it
    private @Nullable Outcome ending; // the outcome, before readers may see it
    private int members; // readers, those included whose joining is under way; guarded by this
    private boolean forgotten; // guarded by this
    private boolean givenBack; // guarded by this
    private volatile long readable;
    private volatile long numbered = Long.MAX_VALUE;
    private volatile @Nullable Outcome outcome;

    /// @param loop the event loop that owns it
    /// @param writer who appends; null for a log that has ended, and is put back
    public StreamLog(StreamHead head, Executor loop, MemoryBudget budget, @Nullable LogWriter writer) {
        this.head = head;
        this.loop = loop;
        this.budget = budget;
        this.writer = writer;
        first = LogChunk.first();
        last = first;
        taken = AT_FIRST;
    }

    /// For stores: says where entries are made safe, and what to do at the end. Before anything is appended.
    public void keptBy(Durability keeper, Runnable ended) {
        if (whenEnded == null) budget.takeAnyway(taken);
        durability = keeper;
        whenEnded = ended;
    }

    public StreamHead head() {
        return head;
    }

    public StreamId id() {
        return head.id();
    }

    public Executor loop() {
        return loop;
    }

    /// The number of the newest entry; 0 while there is none. On the log's loop.
    public long tail() {
        return tail;
    }

    /// What the entries take, in bytes. On the log's loop.
    public long bytes() {
        return bytes;
    }

    /// For stores: whether somebody reads it. From any thread.
    public synchronized boolean read() {
        return members > 0;
    }

    /// For stores: the log, which has ended, is kept no longer. Its memory counts as taken until its last
    /// reader has left, because until then it is. From any thread.
    public synchronized void forget() {
        forgotten = true;
        giveBack();
    }

    private synchronized void giveBack() {
        if (!forgotten || givenBack || members > 0) return;
        givenBack = true;
        budget.giveBack(taken);
    }

    private synchronized void member() {
        members++;
        if (givenBack) budget.takeAnyway(taken);
        givenBack = false;
    }

    private synchronized void memberLeft() {
        members--;
        giveBack();
    }

    /// The number of the newest entry that readers may see.
    public long readable() {
        return readable;
    }

    /// Whether the stream has ended, and readers may see it.
    public boolean ended() {
        return outcome != null;
    }

    /// How the stream ended; null while it runs, or while its end is not readable yet.
    public @Nullable Outcome outcome() {
        return outcome;
    }

    /// For stores: how the stream ended, as soon as its end was appended.
    public @Nullable Outcome ending() {
        return ending;
    }

    /// The number of the last entry that has one for readers: those behind it came when the store had
    /// failed, so nobody may come back to them.
    public long numbered() {
        return numbered;
    }

    /// Whether the entries survive the process. On the log's loop.
    public boolean durable() {
        return durability.durable();
    }

    /// Adds an entry; its bytes are copied. Readers see it after the next [#publish].
    ///
    /// @return whether it fitted; an entry that does not fit leaves the log as it was
    public boolean append(EntryKind kind, byte[] source, int offset, int length) {
        if (bytes + length > head.maxBytes() || !makeRoom(length)) return false;
        add(kind, source, offset, length);
        return true;
    }

    private boolean makeRoom(int length) {
        if (last.fits(length)) return true;
        int size = LogChunk.sizeFor(length);
        if (!budget.take(size)) return false;
        taken += size;
        last = last.followedBy(size);
        return true;
    }

    /// Ends the stream: what the readers see last (`[DONE]` or an error), and the terminal entry, in one step
    /// and whatever the limits say. Nothing can be appended afterwards.
    ///
    /// @param state the stream's final state, as JSON
    /// @throws IllegalStateException where the stream had ended
    public void end(Outcome how, EntryKind lastKind, byte[] lastWords, byte[] state) {
        setNothingAside();
        addAnyway(lastKind, lastWords);
        addAnyway(EntryKind.END, state);
        endLength = state.length;
        ending = how;
        writer = null;
        publish();
    }

    private void setNothingAside() {
        taken -= LAST_WORDS;
        if (whenEnded != null) budget.giveBack(LAST_WORDS);
    }

    private void addAnyway(EntryKind kind, byte[] source) {
        if (!last.fits(source.length)) {
            int size = LogChunk.HEADER + source.length;
            taken += size;
            if (whenEnded != null) budget.takeAnyway(size);
            last = last.followedBy(size);
        }
        add(kind, source, 0, source.length);
    }

    private void add(EntryKind kind, byte[] source, int offset, int length) {
        if (ending != null) throw new IllegalStateException("stream " + head.id() + " has ended");
        last.put(kind, source, offset, length);
        tail++;
        bytes += length;
    }

    /// Has what was appended made safe, and then told to the readers.
    public void publish() {
        durability.appended(this);
    }

    /// For stores: entries up to this number are safe, so readers may see them. On the log's loop.
    public void readable(long number) {
        if (number < readable) return; // a message from before the store failed
        boolean over = ending != null && number == tail && outcome == null;
        if (over) outcome = ending;
        readable = number;
        // A reader may leave while it is told.
        for (int i = readings.size() - 1; i >= 0; i--) readings.get(i).tell();
        if (over && whenEnded != null) whenEnded.run();
    }

    /// For stores that have failed: from here on the entries live in memory only, and readers get them without
    /// numbers. On the log's loop.
    public void loseDurability() {
        if (outcome != null) return;
        numbered = readable;
        durability = Durability.NONE;
        publish();
    }

    /// For stores: puts an entry back that was safe before. Before the log has any reader.
    public void restore(EntryKind kind, byte[] source, int offset, int length) {
        if (!last.fits(length)) {
            int size = LogChunk.sizeFor(length);
            taken += size;
            if (whenEnded != null) budget.takeAnyway(size);
            last = last.followedBy(size);
        }
        add(kind, source, offset, length);
        if (kind == EntryKind.END) endLength = length;
    }

    /// For stores: all entries are back.
    ///
    /// @param how the stream ended; null where it still runs
    public void restored(@Nullable Outcome how) {
        if (how != null) {
            writer = null;
            setNothingAside();
        }
        ending = how;
        outcome = how;
        readable = tail;
    }

    /// Adds a reader, which is told of what is new, and once at the beginning. From any thread.
    ///
    /// @param home the reader's event loop
    public Reading join(Executor home, LogReader reader) {
        member();
        Reading reading = new Reading(this, home, reader);
        if (reading.local()) add(reading);
        else
            loop.execute(() -> {
                add(reading);
                reading.tell();
            });
        return reading;
    }

    private void add(Reading reading) {
        readings.add(reading);
        if (writer != null) writer.joined();
    }

    void remove(Reading reading) {
        if (!readings.remove(reading)) return;
        memberLeft();
        if (writer != null) writer.left(readings.size());
    }

    /// How many read besides who asked for it, kept by those who let them. From any thread.
    public AtomicInteger audience() {
        return audience;
    }

    /// How many read. On the log's loop.
    public int readers() {
        return readings.size();
    }

    /// A cursor before the first entry.
    public LogCursor fromStart() {
        return new LogCursor(this, first);
    }

    /// A cursor on an entry.
    ///
    /// @param number of an entry that is readable; 0 for a cursor before the first
    public LogCursor after(long number) {
        LogCursor cursor = fromStart();
        while (cursor.number() < number && cursor.next()) {
            // walks
        }
        return cursor;
    }

    /// Something to keep with the log, of which its readers see nothing.
    public void note(byte[] note) {
        durability.note(this, note);
    }

    /// Who answers for the stream; null once it has ended. On the log's loop.
    public @Nullable LogWriter writer() {
        return writer;
    }

    /// The stream's state as JSON, now or at its end. On the log's loop.
    public byte[] state() {
        if (writer != null) return writer.state();
        int from = last.end - endLength;
        return Arrays.copyOfRange(last.bytes, from, last.end);
    }

    /// Ends the stream, where it runs. On the log's loop.
    ///
    /// @return whether it ran
    public boolean stop() {
        LogWriter running = writer;
        if (running == null) return false;
        running.stop();
        return true;
    }

    @Override
    public String toString() {
        return "StreamLog[" + Objects.toString(head.id()) + "]";
    }
}
