package dev.freshet.gateway.stream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.model.StreamId;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Logs in this process's memory. A finished one is forgotten when its time is over, or when its memory is
/// needed: then the one that ended first goes first. Thread-safe.
public final class MemoryStore implements LogStore {
    /// That a stream was here is remembered for so many of those that were forgotten last.
    private static final int REMEMBERED = 20_000;

    private final Map<StreamId, StreamLog> logs = new ConcurrentHashMap<>();
    private final Queue<Finished> finished = new ConcurrentLinkedQueue<>();
    private final Cache<StreamId, Owner> forgotten = Caffeine.newBuilder()
            .maximumSize(REMEMBERED)
            .executor(Runnable::run)
            .build();
    private final MemoryBudget budget;
    private final Supplier<Duration> keep;
    private final LongSupplier nanoTime;
    private final Claims claims;

    private record Finished(StreamLog log, long untilNanos) {}

    /// @param maxMemory of all logs together, in bytes
    /// @param keep how long a log is kept after its end, as it is configured at that moment
    /// @param nanoTime monotonic time
    public MemoryStore(long maxMemory, Supplier<Duration> keep, LongSupplier nanoTime) {
        budget = new MemoryBudget(maxMemory);
        budget.onShortage(this::forgetOldest);
        this.keep = keep;
        this.nanoTime = nanoTime;
        claims = new Claims(nanoTime::getAsLong);
    }

    @Override
    public @Nullable Failure refusal() {
        if (budget.welcomes(StreamLog.AT_FIRST)) return null;
        return Failure.of(
                        FailureCode.OVERLOADED,
                        "The running streams take all the memory that they may (streams.max_memory); try again later.")
                .withRetryAfter(Duration.ofSeconds(1))
                .asRetryable();
    }

    @Override
    public void keep(StreamLog log, byte @Nullable [] request, Runnable kept) {
        keep(log, Durability.NONE);
        kept.run();
    }

    /// For stores that keep logs elsewhere as well: keeps one, whose entries are made safe by them.
    public void keep(StreamLog log, Durability durability) {
        logs.put(log.id(), log);
        log.keptBy(durability, () -> forgetAfter(log));
    }

    /// A log has ended: its time begins.
    private void forgetAfter(StreamLog log) {
        finished.add(new Finished(log, nanoTime.getAsLong() + keep.get().toNanos()));
    }

    /// For stores that keep logs elsewhere as well: lets readers find one that has ended, for a while.
    ///
    /// @return the log to read: another, where that was there already
    public StreamLog hold(StreamLog log, Duration time) {
        StreamLog there = logs.putIfAbsent(log.id(), log);
        if (there != null) return there;
        log.keptBy(Durability.NONE, () -> {});
        finished.add(new Finished(log, nanoTime.getAsLong() + time.toNanos()));
        budget.take(0); // which makes room, where there is too little
        return log;
    }

    /// A log that is in memory; null where it is not.
    public @Nullable StreamLog get(StreamId id) {
        return logs.get(id);
    }

    @Override
    public void find(StreamId id, Executor loop, Consumer<Lookup> found) {
        StreamLog log = logs.get(id);
        if (log != null) {
            found.accept(new Lookup.Present(log));
            return;
        }
        Owner owner = forgotten.getIfPresent(id);
        found.accept(owner == null ? new Lookup.Unknown() : new Lookup.Expired(owner));
    }

    @Override
    public void claim(Claim claim, StreamLog log, Executor loop, Consumer<Claims.Answer> answer) {
        answer.accept(claims.claim(claim, log));
    }

    @Override
    public void release(Claim claim, StreamId id) {
        claims.release(claim, id);
    }

    @Override
    public void complete(Claim claim, StreamId id) {
        claims.complete(claim, id);
    }

    /// For stores that keep keys elsewhere as well: the key of a stream of an earlier process.
    ///
    /// @param log null where it has ended
    public void restore(Claim claim, StreamId id, @Nullable StreamLog log) {
        claims.restore(claim, id, log);
    }

    @Override
    public MemoryBudget budget() {
        return budget;
    }

    /// How many logs are kept.
    public int size() {
        return logs.size();
    }

    @Override
    public void sweep() {
        long now = nanoTime.getAsLong();
        for (Finished oldest = finished.peek();
                oldest != null && oldest.untilNanos - now <= 0;
                oldest = finished.peek()) {
            if (finished.remove(oldest)) forget(oldest);
        }
    }

    /// Those that are being read can not be spared: their memory would not come free.
    private boolean forgetOldest() {
        for (Finished oldest : finished) {
            if (oldest.log.read() || !finished.remove(oldest)) continue;
            forget(oldest);
            return true;
        }
        return false;
    }

    private void forget(Finished old) {
        StreamLog log = old.log;
        if (!logs.remove(log.id(), log)) return;
        forgotten.put(log.id(), log.head().owner());
        log.forget();
    }

    @Override
    public void close() {}
}
