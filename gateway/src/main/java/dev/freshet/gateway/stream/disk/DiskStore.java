package dev.freshet.gateway.stream.disk;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.StreamId;
import dev.freshet.gateway.stream.Claim;
import dev.freshet.gateway.stream.Claims;
import dev.freshet.gateway.stream.Interrupted;
import dev.freshet.gateway.stream.LogStore;
import dev.freshet.gateway.stream.Lookup;
import dev.freshet.gateway.stream.MemoryBudget;
import dev.freshet.gateway.stream.MemoryStore;
import dev.freshet.gateway.stream.StreamHead;
import dev.freshet.gateway.stream.StreamLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs in memory and on disk: an entry is on disk before any reader sees it. While a stream runs its log
/// is in memory, and the disk has what is needed to find it again after a crash; a finished one is read
/// from the disk where memory has forgotten it. Thread-safe.
public final class DiskStore implements LogStore {
    private static final Logger LOG = LoggerFactory.getLogger(DiskStore.class);

    private final MemoryStore memory;
    private final LongSupplier epochMillis;
    private final LostStreams lost;
    private final Connection writing;
    private final Connection reading;
    private final Connection checking;
    private final Checkpoints checkpoints;
    private final JournalWriter writer;
    private final Thread writerThread;
    private final Thread checkpointThread;
    private final ExecutorService readers = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("freshet-disk-reader").factory());
    private final AtomicLong nextNumber = new AtomicLong();
    private final List<Interrupted> interrupted = new ArrayList<>();
    private boolean started;

    private DiskStore(
            LostStreams lost,
            Path folder,
            boolean machineProof,
            MemoryStore memory,
            Supplier<Duration> keep,
            LongSupplier epochMillis)
            throws SQLException, IOException {
        this.memory = memory;
        this.epochMillis = epochMillis;
        this.lost = lost;
        Database database = Database.open(folder, machineProof);
        writing = database.connect();
        reading = database.connect();
        checking = database.connect();
        Rows rows = new Rows(writing);
        Map<Long, Journal.Told> told = Journal.nothing();
        long lastGroup = readJournal(told);
        buryLost(told, rows);
        restoreClaims();
        checkpoints = new Checkpoints(checking);
        writer = new JournalWriter(rows, lastGroup + 1, lost, checkpoints, keep, epochMillis);
        long highest = Database.number(reading, "SELECT coalesce(max(number), 0) FROM stream");
        for (Journal.Told stream : told.values()) {
            highest = Math.max(highest, stream.number);
            interrupted.add(new InterruptedStream(stream));
        }
        nextNumber.set(highest + 1);
        writerThread = Thread.ofPlatform().daemon().name("freshet-journal").unstarted(writer);
        checkpointThread =
                Thread.ofPlatform().daemon().name("freshet-checkpoints").unstarted(checkpoints);
    }

    /// Opens the store of a folder, which must be there.
    ///
    /// @param machineProof whether commits wait for the disk
    /// @param memory what is kept in memory as well
    /// @param keep how long a log is kept after its end, as it is configured at that moment
    /// @param epochMillis wall-clock time: what is on disk outlives every other clock
    /// @throws StoreException where it cannot be used
    public static DiskStore open(
            Path folder, boolean machineProof, MemoryStore memory, Supplier<Duration> keep, LongSupplier epochMillis) {
        try {
            return locked(LostStreams.open(folder), folder, machineProof, memory, keep, epochMillis);
        } catch (SQLException | IOException e) {
            throw new StoreException(
                    "streams.store: disk cannot use " + folder.toAbsolutePath() + " (" + e.getMessage()
                            + "); make it writable and make room, or name another folder with `data:`",
                    e);
        }
    }

    private static DiskStore locked(
            LostStreams lost,
            Path folder,
            boolean machineProof,
            MemoryStore memory,
            Supplier<Duration> keep,
            LongSupplier epochMillis)
            throws SQLException, IOException {
        try {
            return new DiskStore(lost, folder, machineProof, memory, keep, epochMillis);
        } catch (SQLException | IOException | RuntimeException e) {
            lost.close();
            throw e;
        }
    }

    /// @return the last group's number
    private long readJournal(Map<Long, Journal.Told> told) throws SQLException {
        long last = 0;
        try (Statement statement = reading.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id, records FROM journal ORDER BY id")) {
            while (rows.next()) {
                last = rows.getLong(1);
                Journal.read(rows.getBytes(2), last, told);
            }
        }
        try (PreparedStatement ended = reading.prepareStatement("SELECT 1 FROM stream WHERE number = ?")) {
            for (Long number : List.copyOf(told.keySet())) {
                ended.setLong(1, number);
                try (ResultSet row = ended.executeQuery()) {
                    if (row.next()) told.remove(number);
                }
            }
        }
        return last;
    }

    /// Streams that went on in memory when the disk failed: what is here of them is not all that their
    /// readers saw.
    private void buryLost(Map<Long, Journal.Told> told, Rows rows) throws SQLException, IOException {
        List<String> ids = lost.read();
        if (ids.isEmpty()) return;
        for (Journal.Told stream : List.copyOf(told.values())) {
            if (!ids.contains(stream.head.id().value())) continue;
            told.remove(stream.number);
            rows.stream(stream.number, stream.head, "lost", epochMillis.getAsLong(), null);
        }
        lost.clear();
    }

    private void restoreClaims() throws SQLException {
        try (Statement statement = reading.createStatement();
                ResultSet rows = statement.executeQuery("SELECT head FROM stream WHERE outcome = 'completed'")) {
            while (rows.next()) {
                StreamHead head = Heads.read(rows.getBytes(1));
                if (head.claim() != null) memory.restore(head.claim(), head.id(), null);
            }
        }
    }

    /// The streams that ran when the process before this one died; each is to be taken over before [#start].
    public List<Interrupted> interrupted() {
        return List.copyOf(interrupted);
    }

    /// Begins to write.
    public void start() {
        started = true;
        checkpointThread.start();
        writerThread.start();
    }

    private final class InterruptedStream implements Interrupted {
        private final Journal.Told told;

        InterruptedStream(Journal.Told told) {
            this.told = told;
        }

        @Override
        public StreamHead head() {
            return told.head;
        }

        @Override
        public byte @Nullable [] request() {
            return told.request;
        }

        @Override
        public List<byte[]> notes() {
            return told.notes;
        }

        @Override
        public void fill(StreamLog log) {
            for (byte[] piece : told.entries) Journal.readEntries(piece, log::restore);
            log.restored(null);
            Claim claim = told.head.claim();
            if (claim != null) memory.restore(claim, log.id(), log);
            DiskLog kept = new DiskLog(log, told.number, told.request, writer, () -> {});
            kept.restored(told.group, told.notes);
            writer.resume(kept);
            memory.keep(log, kept);
        }
    }

    @Override
    public @Nullable Failure refusal() {
        String failure = writer.failure();
        if (failure == null) return memory.refusal();
        return Failure.of(
                        FailureCode.OVERLOADED,
                        "The gateway cannot write to its disk at the moment, so it begins no stream that it could not"
                                + " keep; its operator must make room in the data folder. Try again later.")
                .withRetryAfter(Duration.ofSeconds(5))
                .asRetryable();
    }

    @Override
    public void keep(StreamLog log, byte @Nullable [] request, Runnable kept) {
        DiskLog disk = new DiskLog(log, nextNumber.getAndIncrement(), request, writer, kept);
        memory.keep(log, disk);
        disk.begin();
    }

    @Override
    public void find(StreamId id, Executor loop, Consumer<Lookup> found) {
        StreamLog log = memory.get(id);
        if (log != null) {
            found.accept(new Lookup.Present(log));
            return;
        }
        readers.execute(() -> {
            Lookup lookup = read(id, loop);
            loop.execute(() -> found.accept(lookup));
        });
    }

    private Lookup read(StreamId id, Executor loop) {
        try (PreparedStatement select =
                reading.prepareStatement("SELECT head, outcome, expires, log FROM stream WHERE id = ?")) {
            select.setString(1, id.value());
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) return new Lookup.Unknown();
                StreamHead head = Heads.read(row.getBytes(1));
                long left = row.getLong(3) - epochMillis.getAsLong();
                byte[] entries = row.getBytes(4);
                if (entries == null || left <= 0) return new Lookup.Expired(head.owner());
                return new Lookup.Present(restored(head, row.getString(2), entries, loop, Duration.ofMillis(left)));
            }
        } catch (SQLException e) {
            LOG.error("a stream could not be read from the disk: {}", e.toString());
            return new Lookup.Unknown();
        }
    }

    private StreamLog restored(StreamHead head, String outcome, byte[] entries, Executor loop, Duration left) {
        StreamLog log = new StreamLog(head, loop, memory.budget(), null);
        Journal.readEntries(entries, log::restore);
        log.restored(outcome(outcome));
        return memory.hold(log, left);
    }

    /// How a stream ended, as far as its row tells.
    private static Outcome outcome(String word) {
        if (word.equals("completed")) return new Outcome.Completed();
        FailureCode code = FailureCode.INTERNAL;
        for (FailureCode known : FailureCode.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(word)) code = known;
        }
        return new Outcome.Failed(Failure.of(code, "The stream ended before its answer was complete."));
    }

    @Override
    public void claim(Claim claim, StreamLog log, Executor loop, Consumer<Claims.Answer> answer) {
        memory.claim(claim, log, loop, answer);
    }

    @Override
    public void release(Claim claim, StreamId id) {
        memory.release(claim, id);
    }

    @Override
    public void complete(Claim claim, StreamId id) {
        memory.complete(claim, id);
    }

    @Override
    public MemoryBudget budget() {
        return memory.budget();
    }

    @Override
    public void sweep() {
        memory.sweep();
    }

    @Override
    public void close() {
        try {
            if (started) {
                writer.close();
                writerThread.join(Duration.ofSeconds(10));
                checkpoints.close();
                checkpointThread.join(Duration.ofSeconds(10));
            }
            readers.shutdown();
            for (Connection connection : List.of(reading, checking, writing)) connection.close();
            lost.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException e) {
            LOG.warn("closing the disk store failed: {}", e.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
