package dev.freshet.gateway.route;

import dev.freshet.gateway.model.Remedy;
import dev.freshet.gateway.model.Retry;
import java.time.Duration;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/// Which target of a model is asked next, and when, until one gives content. Not thread-safe; one for each
/// exchange.
///
/// A connection that fails leads to the next target at once, and, when all were tried, again to the first
/// after a backoff. A target that is too busy, or fails, is asked again a little later, up to its attempts,
/// unless it asks for more patience than there is. One that may have billed, or that answered with
/// nonsense, is never asked again.
///
/// Backoff is exponential with full jitter. Source: Marc Brooker, "Exponential Backoff And Jitter", AWS
/// Architecture Blog.
public final class AttemptPlan {
    private final Retry retry;
    private final LongUnaryOperator random;
    private final int[] asked;
    private final boolean[] out;
    private int at;
    private int round = 1;

    /// One step: a target, by its place in the order, and how long to wait before it is asked.
    public record Step(int target, Duration delay) {}

    /// @param targets how many there are
    /// @param random a number from 0 up to, but not including, its argument
    public AttemptPlan(int targets, Retry retry, LongUnaryOperator random) {
        this.retry = retry;
        this.random = random;
        asked = new int[targets];
        out = new boolean[targets];
    }

    /// The first step.
    public Step first() {
        return ask(0, Duration.ZERO);
    }

    /// The step after an attempt that failed.
    ///
    /// @param wait how long the provider asks to be left alone; null where it does not say
    /// @return null where nobody is left to ask
    public @Nullable Step next(Remedy remedy, @Nullable Duration wait) {
        switch (remedy) {
            case NONE -> {
                return null;
            }
            case SAME_TARGET_LATER -> {
                boolean patient = wait == null || wait.compareTo(retry.max()) <= 0;
                if (patient && asked[at] < retry.attempts()) return ask(at, wait == null ? backoff(asked[at]) : wait);
                out[at] = true;
            }
            case ANOTHER_TARGET -> out[at] = true;
            case ANY_TARGET -> {}
        }
        for (int target = at + 1; target < asked.length; target++) {
            if (!out[target] && asked[target] < round) return ask(target, Duration.ZERO);
        }
        return again();
    }

    /// All were tried: those that could not be reached are tried once more.
    private @Nullable Step again() {
        for (int target = 0; target < asked.length; target++) {
            if (out[target] || asked[target] >= retry.attempts()) continue;
            return ask(target, asked[target] < round ? Duration.ZERO : backoff(round++));
        }
        return null;
    }

    private Step ask(int target, Duration delay) {
        at = target;
        asked[target]++;
        return new Step(target, delay);
    }

    private Duration backoff(int failures) {
        long most = retry.base().toMillis() << Math.min(failures - 1, 20);
        return Duration.ofMillis(random.applyAsLong(Math.min(most, retry.max().toMillis()) + 1));
    }
}
