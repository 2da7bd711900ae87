package dev.freshet.gateway.access;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// How much each key takes: requests a minute, and streams at once. Where no key is asked for nothing is
/// counted. Thread-safe.
///
/// Requests are limited by the generic cell rate algorithm: a minute's worth may come at once, and then one
/// each time that a share of the minute has passed. Source: ITU-T I.371, annex A, "virtual scheduling".
public final class Quotas {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final LongSupplier nanoTime;
    private final IntSupplier usualStreams;
    private final Map<String, Key> keys = new ConcurrentHashMap<>();

    /// @param nanoTime monotonic time
    /// @param usualStreams how many may run at once with a key that has no limit of its own
    public Quotas(LongSupplier nanoTime, IntSupplier usualStreams) {
        this.nanoTime = nanoTime;
        this.usualStreams = usualStreams;
    }

    /// What was answered.
    public sealed interface Answer {
        /// @param rate how the key's requests a minute stand; null where they have no limit
        record Granted(Lease lease, @Nullable Rate rate) implements Answer {}

        record Refused(Failure failure, @Nullable Rate rate) implements Answer {}
    }

    /// How a key's requests a minute stand.
    ///
    /// @param remaining how many may come at once
    /// @param reset until all of them may
    public record Rate(int limit, int remaining, Duration reset) {}

    /// A stream's place, until it is given back.
    public static final class Lease {
        private static final Lease NONE = new Lease(new AtomicInteger(1));

        private final AtomicInteger running;
        private final AtomicBoolean returned = new AtomicBoolean();

        private Lease(AtomicInteger running) {
            this.running = running;
        }

        /// Gives it back; a second call does nothing.
        public void giveBack() {
            if (returned.compareAndSet(false, true)) running.decrementAndGet();
        }
    }

    private static final class Key {
        private final AtomicInteger running = new AtomicInteger();
        private long fullAgain; // when a minute's worth may come at once again; guarded by this
        private boolean asked; // guarded by this
    }

    /// Takes a request's share, where there is one.
    public Answer take(Caller caller) {
        if (caller.key() == null) return new Answer.Granted(Lease.NONE, null);
        Key key = keys.computeIfAbsent(caller.key(), _ -> new Key());
        Integer own = caller.allowance().streams();
        int most = own == null ? usualStreams.getAsInt() : own;
        if (key.running.incrementAndGet() > most) {
            key.running.decrementAndGet();
            return new Answer.Refused(tooMany(most), null);
        }
        Integer rpm = caller.allowance().rpm();
        if (rpm == null) return new Answer.Granted(new Lease(key.running), null);
        return rated(key, rpm);
    }

    private Answer rated(Key key, int rpm) {
        long share = MINUTE / rpm;
        long now = nanoTime.getAsLong();
        synchronized (key) {
            long from = key.asked && key.fullAgain - now > 0 ? key.fullAgain - now : 0;
            long wait = from + share - MINUTE;
            // Shares are rounded down, so that a whole minute's worth fits into a minute.
            if (wait > 0) {
                key.running.decrementAndGet();
                return new Answer.Refused(tooFast(rpm, Duration.ofNanos(wait)), rate(rpm, share, from));
            }
            key.asked = true;
            key.fullAgain = now + from + share;
            return new Answer.Granted(new Lease(key.running), rate(rpm, share, from + share));
        }
    }

    private static Rate rate(int rpm, long share, long untilFull) {
        return new Rate(rpm, (int) ((MINUTE - untilFull) / share), Duration.ofNanos(untilFull));
    }

    private static Failure tooMany(int most) {
        return Failure.of(
                        FailureCode.RATE_LIMITED,
                        "This key has " + most + " streams running, which is all that it may; try again when one has"
                                + " ended.")
                .withRetryAfter(Duration.ofSeconds(1))
                .asRetryable();
    }

    private static Failure tooFast(int rpm, Duration wait) {
        return Failure.of(
                        FailureCode.RATE_LIMITED,
                        "This key may ask " + rpm + " times a minute; try again when Retry-After is over.")
                .withRetryAfter(wait)
                .asRetryable();
    }
}
