package dev.freshet.gateway.access;

import java.time.Duration;

/// So much a minute, by the generic cell rate algorithm: a minute's worth may come at once, and then as
/// much as the time that has passed allows. Thread-safe.
///
/// Source: ITU-T I.371, annex A, "virtual scheduling".
final class CellRate {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private long fullAgain; // when a minute's worth may come at once again; guarded by this
    private boolean used; // guarded by this

    /// What was answered.
    ///
    /// @param delay how long until as much may come; zero where it has been taken
    record Answer(Duration delay, Quotas.Rate rate) {}

    /// @param amount at most a minute's worth; what is more counts as that
    /// @param now in nanoseconds of monotonic time
    synchronized Answer take(int limit, long amount, long now) {
        // Shares are rounded down, so that a whole minute's worth fits into a minute.
        long share = MINUTE / limit;
        long from = used && fullAgain - now > 0 ? fullAgain - now : 0;
        long after = from + Math.min(amount, limit) * share;
        if (after > MINUTE) return new Answer(Duration.ofNanos(after - MINUTE), rate(limit, share, from));
        used = true;
        fullAgain = now + after;
        return new Answer(Duration.ZERO, rate(limit, share, after));
    }

    /// Corrects what was taken by what it came to.
    ///
    /// @param taken as it was asked for
    synchronized void settle(int limit, long taken, long amount, long now) {
        long share = MINUTE / limit;
        if (fullAgain - now < 0) fullAgain = now;
        fullAgain += (Math.min(amount, 10L * limit) - Math.min(taken, limit)) * share;
    }

    private static Quotas.Rate rate(int limit, long share, long untilFull) {
        long remaining = Math.clamp((MINUTE - untilFull) / share, 0, limit);
        return new Quotas.Rate(limit, (int) remaining, Duration.ofNanos(untilFull));
    }
}
