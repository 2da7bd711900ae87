package dev.freshet.gateway.route;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What targets' recent failures mean: one that failed several times in a row rests, and is then tried
/// again. Resting only reorders: where all rest, they are asked as if none did. Thread-safe.
public final class Health {
    private static final int FAILURES = 3;
    /// How long a target rests that limits without saying for how long.
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Duration SHORTEST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final Map<Who, Condition> conditions = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    /// A target, whatever model of the gateway's it serves.
    private record Who(String provider, @Nullable String model) {
        static Who of(Target target) {
            return new Who(target.provider().name(), target.model());
        }
    }

    /// @param failures in a row
    /// @param restsUntil in nanoseconds; nothing where it does not rest
    private record Condition(int failures, @Nullable Long restsUntil) {}

    /// @param nanoTime monotonic time
    public Health(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// Learns from the end of an attempt.
    ///
    /// @param failure null where it gave a complete answer
    public void learn(Target target, @Nullable Failure failure) {
        if (failure == null) {
            succeeded(target);
            return;
        }
        switch (failure.code()) {
            case UPSTREAM_RATE_LIMITED -> rests(target, failure.retryAfter() == null ? PAUSE : failure.retryAfter());
            case UPSTREAM_UNREACHABLE,
                    UPSTREAM_TIMEOUT,
                    UPSTREAM_FAILED,
                    UPSTREAM_STALLED,
                    UPSTREAM_TRUNCATED,
                    UPSTREAM_BROKEN -> failed(target);
            default -> {} // the request's fault
        }
    }

    /// It answered.
    private void succeeded(Target target) {
        if (!conditions.isEmpty()) conditions.remove(Who.of(target));
    }

    /// It failed: after several times in a row it rests, longer each time.
    private void failed(Target target) {
        conditions.compute(Who.of(target), (_, before) -> {
            int failures = before == null ? 1 : before.failures() + 1;
            if (failures < FAILURES) return new Condition(failures, null);
            long rest = SHORTEST.toNanos() << Math.min(failures - FAILURES, 10);
            return new Condition(failures, nanoTime.getAsLong() + Math.min(rest, LONGEST.toNanos()));
        });
    }

    /// It asks to be left alone for a while.
    private void rests(Target target, Duration time) {
        long rest = Math.min(time.toNanos(), LONGEST.toNanos());
        conditions.compute(
                Who.of(target),
                (_, before) -> new Condition(before == null ? 0 : before.failures(), nanoTime.getAsLong() + rest));
    }

    /// Whether a target rests now.
    private boolean resting(Target target) {
        Condition condition = conditions.get(Who.of(target));
        return condition != null && condition.restsUntil() != null && nanoTime.getAsLong() - condition.restsUntil() < 0;
    }

    /// The same targets in the same order, but those that rest behind the others.
    public List<Target> reordered(List<Target> targets) {
        if (conditions.isEmpty() || targets.size() == 1) return targets;
        List<Target> order = new ArrayList<>(targets.size());
        for (Target target : targets) if (!resting(target)) order.add(target);
        for (Target target : targets) if (resting(target)) order.add(target);
        return order;
    }
}
