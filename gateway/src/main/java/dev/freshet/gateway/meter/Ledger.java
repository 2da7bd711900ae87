package dev.freshet.gateway.meter;

import dev.freshet.gateway.database.SqliteFile;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What every exchange took and cost: written once for each, by a thread of its own, as many at once as
/// there are. Thread-safe.
///
/// An exchange is open from before somebody is asked for its answer until it is settled, so that none is
/// forgotten whose process dies. Where the database cannot be written, what is to be written waits in
/// memory; [#writable] says so.
public final class Ledger implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);
    private static final int BATCH = 2_000;
    /// Where so much waits, nothing new is taken on.
    private static final int MOST_WAITING = 100_000;
    /// How long a row waits for others, to be written with them: a write of one takes as long as fifty
    /// tokens, and one of twenty little longer.
    private static final Duration TOGETHER = Duration.ofMillis(25);

    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);
    private static final Duration FORGET_EVERY = Duration.ofMinutes(1);
    private static final int FORGET_AT_ONCE = 2_000;
    private static final Duration LAST = Duration.ofSeconds(5);

    private final SqliteFile file;
    private final Runs runs;
    private final Supplier<Duration> keep;
    private final LongSupplier epochSeconds;
    private final LinkedBlockingQueue<Work> waiting = new LinkedBlockingQueue<>();
    private final AtomicInteger held = new AtomicInteger();
    private final Semaphore urgent = new Semaphore(0);
    private final Thread thread;
    private Calibrations calibrations = new Calibrations();
    private @Nullable LedgerWriter writer; // owned by the thread
    private volatile boolean writable = true;
    private volatile boolean closing;

    /// What the thread is asked for.
    private sealed interface Work {
        /// @param safe told whether it was written; or where it is at once that it cannot be
        record Open(Opened opened, @Nullable Consumer<Boolean> safe) implements Work {}

        record Settle(Entry entry) implements Work {}

        record More(Extra extra) implements Work {}

        record Ask(Runnable question) implements Work {}
    }

    private Ledger(SqliteFile file, Runs runs, Supplier<Duration> keep, LongSupplier epochSeconds) {
        this.file = file;
        this.runs = runs;
        this.keep = keep;
        this.epochSeconds = epochSeconds;
        thread = Thread.ofPlatform().daemon().name("freshet-ledger").unstarted(this::work);
    }

    /// Opens the ledger of a data folder. Where there is no such folder the ledger lives in memory.
    ///
    /// @param keep how long single rows are kept
    /// @param epochSeconds wall-clock time, in seconds since 1970
    /// @throws LedgerException where it is there and cannot be used
    public static Ledger open(Path folder, Supplier<Duration> keep, LongSupplier epochSeconds) {
        Path there = Files.isDirectory(folder) ? folder : null;
        SqliteFile file = LedgerFile.in(there);
        try {
            Ledger ledger = new Ledger(file, Runs.begin(there), keep, epochSeconds);
            ledger.connect();
            return ledger;
        } catch (SQLException e) {
            throw new LedgerException(
                    "the ledger " + file + " cannot be used (" + e.getMessage()
                            + "); make it readable and writable, move it away to begin with an empty one, or name another"
                            + " folder with `data:`",
                    e);
        }
    }

    private LedgerWriter connect() throws SQLException {
        if (writer == null) writer = new LedgerWriter(file.open(), runs.name());
        return writer;
    }

    /// Reads, and lets go of what it read: a connection that holds on to that could not write after another
    /// process.
    private <T> T read(Question<T> question) throws SQLException {
        Connection connection = connect().connection();
        try {
            return question.ask(connection);
        } finally {
            connection.rollback();
        }
    }

    /// What dead processes left open, to be settled by who knows more of them; the rest is settled here, as
    /// what their prompts took. Before [#start].
    ///
    /// @param known the streams that will be settled
    /// @return of those that are known, by stream
    public Map<String, Opened> takeOver(Set<String> known) {
        Map<String, Opened> theirs = new HashMap<>();
        try {
            for (Opened left : read(this::left)) {
                if (known.contains(left.stream())) theirs.put(left.stream(), left);
                else waiting.add(new Work.Settle(Entry.left(left, epochSeconds.getAsLong())));
            }
        } catch (SQLException e) {
            throw new LedgerException(
                    "what an earlier process left in the ledger cannot be read: " + e.getMessage(), e);
        }
        runs.sweep();
        writeAll();
        return theirs;
    }

    private List<Opened> left(Connection connection) throws SQLException {
        try (Statement query = connection.createStatement();
                ResultSet rows = query.executeQuery("SELECT * FROM open")) {
            List<Opened> left = new ArrayList<>();
            while (rows.next()) if (runs.dead(rows.getString("run"))) left.add(opened(rows));
            return left;
        }
    }

    private static Opened opened(ResultSet row) throws SQLException {
        long nanoUsd = row.getLong("nano_usd");
        Long cost = row.wasNull() ? null : nanoUsd;
        return new Opened(
                row.getString("stream"),
                new Spender(
                        row.getString("key"),
                        row.getString("owner"),
                        row.getString("team"),
                        row.getString("user"),
                        row.getString("tag"),
                        row.getString("token")),
                row.getString("model"),
                new Served(row.getString("provider"), row.getString("served")),
                row.getLong("created"),
                row.getLong("prompt"),
                cost);
    }

    /// Reads how counts compared in earlier processes, and writes how they compare from now on. Before
    /// [#start].
    public void calibrate(Counter counter) {
        calibrations = counter.calibrations();
        try {
            read(connection -> restore(connection, calibrations));
        } catch (SQLException e) {
            throw new LedgerException("how counts compared cannot be read from the ledger: " + e.getMessage(), e);
        }
    }

    private static int restore(Connection connection, Calibrations into) throws SQLException {
        int restored = 0;
        try (Statement query = connection.createStatement();
                ResultSet rows = query.executeQuery("SELECT * FROM calibration")) {
            for (; rows.next(); restored++) {
                Served model = new Served(rows.getString("provider"), rows.getString("model"));
                into.restore(
                        new Calibrations.Of(model, Calibrations.Part.valueOf(rows.getString("part"))),
                        new Calibration(
                                rows.getLong("streams"),
                                rows.getDouble("mean"),
                                rows.getDouble("squares"),
                                rows.getBoolean("hidden")));
            }
        }
        return restored;
    }

    /// What was spent since a day, by key, owner or token of minutes, in nano-dollars. Before [#start].
    ///
    /// @param by `key` or `owner`
    /// @param day in days since 1970
    public Map<String, Long> spent(String by, long day) {
        if (!Set.of("key", "owner").contains(by)) throw new IllegalArgumentException(by);
        return sums("SELECT " + by + ", sum(nano_usd) FROM total WHERE day >= " + day + " GROUP BY 1");
    }

    /// What was spent with tokens of minutes, by their ids, in nano-dollars. Before [#start].
    public Map<String, Long> spentWithTokens() {
        return sums("SELECT id, nano_usd FROM token");
    }

    /// What rules saved and cost since a day. Before [#start].
    ///
    /// @param day in days since 1970
    public Map<SavedBy, Saved> savedSince(long day) {
        try {
            return read(new SavingsReport(day, null)::read);
        } catch (SQLException e) {
            throw new LedgerException("what guards saved cannot be read from the ledger: " + e.getMessage(), e);
        }
    }

    private Map<String, Long> sums(String sql) {
        try {
            return read(connection -> {
                Map<String, Long> sums = new HashMap<>();
                try (Statement query = connection.createStatement();
                        ResultSet rows = query.executeQuery(sql)) {
                    while (rows.next()) sums.put(rows.getString(1), rows.getLong(2));
                }
                return sums;
            });
        } catch (SQLException e) {
            throw new LedgerException("what was spent cannot be read from the ledger: " + e.getMessage(), e);
        }
    }

    /// From now on what comes is written.
    public void start() {
        thread.start();
    }

    /// Whether what comes can be written at once.
    public boolean writable() {
        return writable;
    }

    /// How many rows wait to be written.
    public int waiting() {
        return held.get();
    }

    /// Whether so much waits to be written that nothing new may begin.
    public boolean full() {
        return held.get() >= MOST_WAITING;
    }

    /// An exchange begins.
    ///
    /// @param safe told whether its row was written, from another thread; null where nobody waits for that
    public void opened(Opened opened, @Nullable Consumer<Boolean> safe) {
        held.incrementAndGet();
        waiting.add(new Work.Open(opened, safe));
        if (safe != null) urgent.release();
    }

    /// An exchange that was opened has ended.
    ///
    /// @param atOnce whether it is to be written without waiting for others, because somebody's money is
    /// limited
    public void settled(Entry entry, boolean atOnce) {
        held.incrementAndGet();
        waiting.add(new Work.Settle(entry));
        if (atOnce) urgent.release();
    }

    /// Something was spent beside an exchange's attempts.
    public void spent(Extra extra) {
        held.incrementAndGet();
        waiting.add(new Work.More(extra));
    }

    /// A question about what was spent.
    @FunctionalInterface
    public interface Question<T> {
        T ask(Connection connection) throws SQLException;
    }

    /// Asks the database, after all that came before was written.
    public <T> CompletableFuture<T> ask(Question<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        waiting.add(new Work.Ask(() -> {
            try {
                answer.complete(read(question));
            } catch (SQLException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        }));
        urgent.release();
        return answer;
    }

    private void work() {
        long forgetAt = System.nanoTime();
        try {
            while (!closing || !waiting.isEmpty()) {
                Work first = waiting.poll(200, TimeUnit.MILLISECONDS);
                if (first != null) writeWithOthers(first);
                if (System.nanoTime() - forgetAt >= 0)
                    forgetAt = System.nanoTime() + (forget() ? 0 : FORGET_EVERY.toNanos());
            }
        } catch (InterruptedException e) {
            // Closing, and the database is away.
        }
    }

    private void writeWithOthers(Work first) throws InterruptedException {
        if (urgent.tryAcquire(TOGETHER.toMillis(), TimeUnit.MILLISECONDS)) urgent.drainPermits();
        write(first);
    }

    private void writeAll() {
        try {
            for (Work first = waiting.poll(); first != null; first = waiting.poll()) write(first);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(Work first) throws InterruptedException {
        List<Work> some = new ArrayList<>();
        some.add(first);
        waiting.drainTo(some, BATCH);
        List<Opened> opened = new ArrayList<>();
        List<Entry> settled = new ArrayList<>();
        List<Extra> extras = new ArrayList<>();
        for (Work one : some) {
            if (one instanceof Work.Open open) opened.add(open.opened());
            if (one instanceof Work.Settle settle) settled.add(settle.entry());
            if (one instanceof Work.More more) extras.add(more.extra());
        }
        boolean rows = !opened.isEmpty() || !settled.isEmpty() || !extras.isEmpty();
        if (rows) writeUntilDone(new LedgerWriter.Batch(opened, settled, extras, calibrations.changed()), some);
        held.addAndGet(-opened.size() - settled.size() - extras.size());
        for (Work one : some) {
            answer(one, true);
        }
    }

    private static void answer(Work one, boolean written) {
        try {
            if (one instanceof Work.Open open && open.safe() != null)
                open.safe().accept(written);
            if (one instanceof Work.Ask ask) ask.question().run();
        } catch (RuntimeException e) {
            LOG.error("who asked the ledger does not take its answer", e);
        }
    }

    private void writeUntilDone(LedgerWriter.Batch batch, List<Work> some) throws InterruptedException {
        while (true) {
            try {
                connect().write(batch);
                if (!writable) LOG.warn("the ledger is written again");
                writable = true;
                return;
            } catch (SQLException e) {
                if (writable) LOG.error("the ledger {} cannot be written, its rows wait: {}", file, e.getMessage());
                writable = false;
            }
            disconnect();
            refuse(some);
            if (closing) throw new InterruptedException("the last rows are lost");
            Thread.sleep(TRY_AGAIN);
            refuse(List.copyOf(waiting));
        }
    }

    /// Who waits for their row is told that it is not written, and who asks gets what can be had. The rows
    /// stay, and are written later.
    private static void refuse(List<Work> some) {
        for (Work one : some) answer(one, false);
    }

    private void disconnect() {
        try {
            if (writer != null) writer.close();
        } catch (SQLException e) {
            LOG.debug("closing a broken ledger", e);
        }
        writer = null;
    }

    /// @return whether there may be more
    private boolean forget() {
        try {
            long now = epochSeconds.getAsLong();
            return connect().forget(now - keep.get().toSeconds(), FORGET_AT_ONCE, now) == FORGET_AT_ONCE;
        } catch (SQLException e) {
            LOG.warn("old rows of the ledger stay for now: {}", e.getMessage());
            return false;
        }
    }

    /// Writes what waits, and closes.
    @Override
    public void close() {
        closing = true;
        urgent.release();
        try {
            if (thread.getState() != Thread.State.NEW && !thread.join(LAST)) {
                thread.interrupt();
                LOG.error("the ledger cannot be written; rows of {} exchanges are lost", held.get());
                thread.join(LAST);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        disconnect();
        runs.close();
    }

    /// A question of the command line's, from another process.
    ///
    /// @throws LedgerException where there is no ledger that can be read
    public static <T> T ask(Path folder, Question<T> question) {
        SqliteFile file = LedgerFile.in(folder);
        if (!file.exists())
            throw new LedgerException("there is no ledger in " + folder.toAbsolutePath()
                    + " yet; `freshet serve` makes it, or name the configuration with -c");
        try (Connection connection = file.open()) {
            return question.ask(connection);
        } catch (SQLException e) {
            throw new LedgerException("the ledger " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
