package dev.freshet.gateway.stream.disk;

import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.stream.EntryKind;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
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
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that writes to the database. All that has come meanwhile is one commit, and the next one
/// follows as soon as the thread is free, but not sooner than [#PACE] after the last began: so an entry
/// that comes alone is written at once, and many cost little more than one.
final class JournalWriter implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);
    private static final Duration PACE = Duration.ofMillis(2);
    private static final Duration SWEEP = Duration.ofSeconds(1);
    /// A stream that holds back so much of the journal is written into it anew.
    private static final long MAX_HELD = 32L << 20;

    /// How long a stream's row stays when its log is erased, to say that it was there.
    static final Duration REMEMBERED = Duration.ofHours(24);

    private final Connection connection;
    private final PreparedStatement insertGroup;
    private final PreparedStatement trim;
    private final PreparedStatement insertStream;
    private final LostStreams lost;
    private final Checkpoints checkpoints;
    private final Supplier<Duration> keep;
    private final LongSupplier epochMillis;
    private final Queue<DiskLog> queue = new ConcurrentLinkedQueue<>();
    private final Bytes group = new Bytes();
    private final Bytes whole = new Bytes();
    private final List<DiskLog> batch = new ArrayList<>();
    private final List<DiskLog> finished = new ArrayList<>();
    private final List<DiskLog> abandoned = new ArrayList<>(); // those that ran when writing failed
    private final Set<DiskLog> running = new LinkedHashSet<>(); // in the order of their groups
    private long nextGroup;
    private long trimmedTo;
    private long journalBytes;
    private long sweptNanos;
    private volatile @Nullable Thread idle;
    private volatile boolean closed;
    private volatile @Nullable String failure;

    JournalWriter(
            Connection connection,
            long nextGroup,
            LostStreams lost,
            Checkpoints checkpoints,
            Supplier<Duration> keep,
            LongSupplier epochMillis)
            throws SQLException {
        this.connection = connection;
        this.nextGroup = nextGroup;
        this.lost = lost;
        this.checkpoints = checkpoints;
        this.keep = keep;
        this.epochMillis = epochMillis;
        connection.setAutoCommit(false);
        insertGroup = connection.prepareStatement("INSERT INTO journal (id, records) VALUES (?, ?)");
        trim = connection.prepareStatement("DELETE FROM journal WHERE id < ?");
        insertStream = connection.prepareStatement(
                "INSERT INTO stream (number, id, head, outcome, expires, log) VALUES (?, ?, ?, ?, ?, ?)");
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
            if (batch.isEmpty()) rest(SWEEP);
            else pause(began);
        }
    }

    private void collect() {
        batch.clear();
        for (DiskLog log = queue.poll(); log != null; log = queue.poll()) batch.add(log);
    }

    private void rest(Duration limit) {
        idle = Thread.currentThread();
        if (queue.isEmpty() && !closed) LockSupport.parkNanos(limit.toNanos());
        idle = null;
    }

    private static void pause(long began) {
        long left = PACE.toNanos() - (System.nanoTime() - began);
        if (left > 0) LockSupport.parkNanos(left);
    }

    private void step() {
        if (failure != null) {
            abandon(batch);
            return;
        }
        try {
            commit();
            tell();
        } catch (SQLException e) {
            fail(e, batch);
        }
    }

    private void commit() throws SQLException {
        group.clear();
        finished.clear();
        for (DiskLog log : batch) write(log);
        long written = insertGroup();
        for (DiskLog log : finished) written += finish(log);
        if (!running.isEmpty()) written += restate(running.iterator().next());
        trim();
        connection.commit();
        checkpoints.written(written);
    }

    private long insertGroup() throws SQLException {
        if (group.length() == 0) return 0;
        insertGroup.setLong(1, nextGroup++);
        insertGroup.setBytes(2, group.toArray());
        insertGroup.executeUpdate();
        journalBytes += group.length();
        return group.length();
    }

    private void write(DiskLog log) {
        List<byte[]> notes = new ArrayList<>(0);
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

    /// The stream has ended: its log becomes one value, and the journal is no longer needed for it.
    private long finish(DiskLog log) throws SQLException {
        if (!running.remove(log)) return 0;
        whole.clear();
        Journal.entries(whole, log.log.fromStart(), log.cursor.number());
        Outcome outcome = log.log.ending();
        long expires = epochMillis.getAsLong() + keep.get().toMillis();
        insertStream(log, outcome == null ? "" : outcome.word(), expires, whole.toArray());
        return whole.length();
    }

    private void insertStream(DiskLog log, String outcome, long expires, byte @Nullable [] entries)
            throws SQLException {
        insertStream.setLong(1, log.number);
        insertStream.setString(2, log.log.id().value());
        insertStream.setBytes(3, Heads.write(log.log.head()));
        insertStream.setString(4, outcome);
        insertStream.setLong(5, expires);
        insertStream.setBytes(6, entries);
        insertStream.executeUpdate();
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
        if (needed == trimmedTo) return;
        trim.setLong(1, needed);
        trim.executeUpdate();
        trimmedTo = needed;
    }

    private void tell() {
        Map<Executor, List<DiskLog>> byLoop = new LinkedHashMap<>(4);
        for (DiskLog log : batch) {
            log.committed();
            byLoop.computeIfAbsent(log.log.loop(), _ -> new ArrayList<>()).add(log);
        }
        byLoop.forEach((loop, logs) -> loop.execute(() -> logs.forEach(DiskLog::tell)));
    }

    /// Nothing can be written any more: what runs goes on in memory, and is noted as lost.
    private void fail(SQLException cause, List<DiskLog> underWay) {
        failure = String.valueOf(cause.getMessage());
        LOG.error(
                "the disk store cannot write ({}): new streams are refused, running ones go on in memory and do not"
                        + " survive a restart; make room, and it goes on by itself",
                failure);
        running.addAll(underWay);
        try {
            connection.rollback();
        } catch (SQLException e) {
            LOG.debug("rolling back failed: {}", e.toString());
        }
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
        for (DiskLog log : logs) log.log.loop().execute(log::abandon);
    }

    private void sweep(long now) {
        sweptNanos = now;
        try {
            if (failure != null) recover();
            long millis = epochMillis.getAsLong();
            expire("UPDATE stream SET log = NULL WHERE expires <= ? AND log IS NOT NULL", millis);
            expire("DELETE FROM stream WHERE expires <= ?", millis - REMEMBERED.toMillis());
            connection.commit();
        } catch (SQLException e) {
            if (failure == null) fail(e, List.of());
        } catch (IOException e) {
            LOG.debug("the note of lost streams could not be cleared: {}", e.toString());
        }
    }

    private void expire(String sql, long before) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, before);
            statement.executeUpdate();
        }
    }

    /// Tries to write again: what ran in memory meanwhile is written down as gone.
    private void recover() throws SQLException, IOException {
        for (DiskLog log : abandoned) insertStream(log, "lost", epochMillis.getAsLong(), null);
        trim.setLong(1, nextGroup);
        trim.executeUpdate();
        connection.commit();
        lost.clear();
        abandoned.clear();
        trimmedTo = nextGroup;
        failure = null;
        LOG.info("the disk store can write again");
    }
}
