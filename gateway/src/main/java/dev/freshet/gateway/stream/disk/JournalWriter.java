package dev.freshet.gateway.stream.disk;

import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.stream.EntryKind;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that writes to the database. All that has come meanwhile is one commit. Then it rests for
/// some times as long as that took, within bounds: so an entry that comes alone is written at once, many
/// cost little more than one, and the event loops keep most of the time.
final class JournalWriter implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);
    private static final Duration SHORTEST_REST = Duration.ofMillis(1);
    private static final Duration LONGEST_REST = Duration.ofMillis(4);
    private static final int REST_PER_WORK = 8;
    private static final Duration SWEEP = Duration.ofSeconds(1);
    /// A stream that holds back so much of the journal is written into it anew.
    private static final long MAX_HELD = 32L << 20;

    private final Rows rows;
    private final LostStreams lost;
    private final Checkpoints checkpoints;
    private final Supplier<Duration> keep;
    private final LongSupplier epochMillis;

    // any thread
    private final Queue<DiskLog> queue = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Thread idle;
    private volatile boolean closed;
    private volatile @Nullable String failure;

    // this thread
    private final Bytes group = new Bytes();
    private final Bytes whole = new Bytes();
    private final List<DiskLog> batch = new ArrayList<>();
    private final List<byte[]> notes = new ArrayList<>(1); // of the stream that is being written
    private final List<DiskLog> finished = new ArrayList<>();
    private final List<DiskLog> abandoned = new ArrayList<>(); // those that ran when writing failed
    private final Set<DiskLog> running = new LinkedHashSet<>(); // in the order of their groups
    private long nextGroup;
    private long trimmedTo;
    private long journalBytes;
    private long sweptNanos;

    /// @param nextGroup the number of the first group that it writes
    JournalWriter(
            Rows rows,
            long nextGroup,
            LostStreams lost,
            Checkpoints checkpoints,
            Supplier<Duration> keep,
            LongSupplier epochMillis) {
        this.rows = rows;
        this.nextGroup = nextGroup;
        this.lost = lost;
        this.checkpoints = checkpoints;
        this.keep = keep;
        this.epochMillis = epochMillis;
    }

    /// There is something to write for a stream. From any thread.
    void submit(DiskLog log) {
        queue.add(log);
        wake();
    }

    private void wake() {
        Thread waiting = idle;
        if (waiting != null) LockSupport.unpark(waiting);
    }

    /// A stream of an earlier process goes on. Before the thread starts.
    void resume(DiskLog log) {
        running.add(log);
    }

    /// Why nothing can be written at the moment; null where it can.
    @Nullable
    String failure() {
        return failure;
    }

    /// Ends the thread when all is written. From any thread.
    void close() {
        closed = true;
        wake();
    }

    @Override
    public void run() {
        while (!closed || !queue.isEmpty()) {
            long began = System.nanoTime();
            collect();
            if (!batch.isEmpty()) step();
            if (began - sweptNanos >= SWEEP.toNanos()) sweep(began);
            if (batch.isEmpty()) rest();
            else pause(began);
        }
    }

    private void collect() {
        batch.clear();
        for (DiskLog log = queue.poll(); log != null; log = queue.poll()) batch.add(log);
    }

    private void rest() {
        idle = Thread.currentThread();
        if (queue.isEmpty() && !closed) LockSupport.parkNanos(SWEEP.toNanos());
        idle = null;
    }

    private static void pause(long began) {
        long worked = System.nanoTime() - began;
        LockSupport.parkNanos(Math.clamp(REST_PER_WORK * worked, SHORTEST_REST.toNanos(), LONGEST_REST.toNanos()));
    }

    private void step() {
        if (failure != null) {
            abandon(batch);
            return;
        }
        try {
            commit();
            tell();
        } catch (SQLException | RuntimeException e) {
            fail(e, batch);
        }
    }

    private void commit() throws SQLException {
        group.clear();
        finished.clear();
        for (DiskLog log : batch) write(log);
        rows.begin();
        long written = insertGroup();
        for (DiskLog log : finished) written += finish(log);
        if (!running.isEmpty()) written += restate(running.iterator().next());
        trim();
        rows.commit();
        checkpoints.written(written);
    }

    private void write(DiskLog log) {
        notes.clear();
        long last = log.take(notes);
        if (!log.opened) open(log);
        for (byte[] note : notes) {
            Journal.note(group, log.number, note);
            log.noted.add(note);
        }
        if (log.cursor.number() < last) Journal.entries(group, log.number, log.cursor, last);
        boolean ended = log.cursor.number() > 0 && log.cursor.kind() == EntryKind.END;
        if (ended) finished.add(log);
    }

    private void open(DiskLog log) {
        log.opened = true;
        log.group = nextGroup;
        log.groupBytes = journalBytes;
        running.add(log);
        Journal.open(group, log.number, log.log.head(), log.request);
    }

    private long insertGroup() throws SQLException {
        if (group.length() == 0) return 0;
        rows.group(nextGroup++, group.toArray());
        journalBytes += group.length();
        return group.length();
    }

    /// The stream has ended: its log becomes one value, and the journal is no longer needed for it.
    private long finish(DiskLog log) throws SQLException {
        if (!running.remove(log)) return 0;
        whole.clear();
        Journal.entries(whole, log.log.fromStart(), log.cursor.number());
        Outcome outcome = log.log.ending();
        long expires = epochMillis.getAsLong() + keep.get().toMillis();
        rows.stream(log.number, log.log.head(), outcome == null ? "" : outcome.word(), expires, whole.toArray());
        return whole.length();
    }

    /// A stream that runs for long must not keep the whole journal from being trimmed: it is written into
    /// it anew.
    private long restate(DiskLog oldest) throws SQLException {
        if (journalBytes - oldest.groupBytes < MAX_HELD) return 0;
        running.remove(oldest);
        group.clear();
        open(oldest);
        for (byte[] note : oldest.noted) Journal.note(group, oldest.number, note);
        Journal.entries(group, oldest.number, oldest.log.fromStart(), oldest.cursor.number());
        return insertGroup();
    }

    private void trim() throws SQLException {
        long needed = running.isEmpty() ? nextGroup : running.iterator().next().group;
        if (needed != trimmedTo) rows.trim(needed);
        trimmedTo = needed;
    }

    private void tell() {
        Map<Executor, List<DiskLog>> byLoop = new LinkedHashMap<>(4);
        for (DiskLog log : batch) {
            log.committed();
            byLoop.computeIfAbsent(log.log.loop(), _ -> new ArrayList<>()).add(log);
        }
        byLoop.forEach((loop, logs) -> message(loop, () -> logs.forEach(DiskLog::tell)));
    }

    private static void message(Executor loop, Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("an event loop is closed already");
        }
    }

    /// Nothing can be written any more: what runs goes on in memory, and is noted as lost.
    private void fail(Exception cause, List<DiskLog> underWay) {
        failure = String.valueOf(cause.getMessage());
        LOG.error(
                "the disk store cannot write ({}): new streams are refused, running ones go on in memory and do not"
                        + " survive a restart; make room in the data folder, and it goes on by itself",
                failure);
        running.addAll(underWay);
        rows.rollback();
        try {
            lost.write(running.stream().map(log -> log.log.id().value()).toList());
        } catch (IOException e) {
            LOG.error("the streams that are lost at a restart could not be noted: {}", e.toString());
        }
        abandoned.addAll(running);
        abandon(running);
        running.clear();
    }

    private static void abandon(Iterable<DiskLog> logs) {
        for (DiskLog log : logs) message(log.log.loop(), log::abandon);
    }

    /// Erases what has expired; and where writing has failed, tries whether it works again.
    private void sweep(long now) {
        sweptNanos = now;
        try {
            rows.begin();
            if (failure != null) bury();
            rows.expire(epochMillis.getAsLong());
            rows.commit();
            if (failure != null) recovered();
        } catch (SQLException e) {
            if (failure == null) fail(e, List.of());
            else rows.rollback();
        } catch (IOException e) {
            LOG.warn("the note of lost streams could not be cleared: {}", e.toString());
        }
    }

    /// What went on in memory is written down as gone.
    private void bury() throws SQLException {
        long now = epochMillis.getAsLong();
        for (DiskLog log : abandoned) rows.stream(log.number, log.log.head(), "lost", now, null);
        rows.trim(nextGroup);
    }

    private void recovered() throws IOException {
        abandoned.clear();
        trimmedTo = nextGroup;
        failure = null;
        LOG.info("the disk store can write again");
        lost.clear();
    }
}
