package dev.freshet.client;

import java.time.Duration;
import java.util.Random;
import java.util.Set;

/// How often, and after how long, something is tried again that did no harm: a connection that was not
/// made, a refusal that says that nothing was done, a stream of a Freshet gateway that broke. Waits are
/// drawn between nothing and `base`, which doubles each time up to `max` (exponential, full jitter); a
/// server's Retry-After counts instead where it is longer. Immutable.
///
/// @param tries without content in between, the first one included; 1 is never again
/// @param base the longest wait before the second try
/// @param max the longest wait; where a Retry-After asks for more, nothing is tried again
/// @param statuses which say that nothing was done and nothing is billed
public record Retry(int tries, Duration base, Duration max, Set<Integer> statuses) {
    /// Six tries, up to 250 ms and then up to 10 s between them, after 408, 425, 429, 503 and 529. Other
    /// errors of servers may have been billed.
    public static final Retry DEFAULT =
            new Retry(6, Duration.ofMillis(250), Duration.ofSeconds(10), Set.of(408, 425, 429, 503, 529));

    /// Never again.
    public static final Retry NEVER = new Retry(1, Duration.ZERO, Duration.ZERO, Set.of());

    /// @throws IllegalArgumentException where tries are below 1, or a wait below 0
    public Retry {
        if (tries < 1 || base.isNegative() || max.isNegative())
            throw new IllegalArgumentException("tries are at least 1, waits not below 0");
        statuses = Set.copyOf(statuses);
    }

    /// The wait before a try, from 2 on.
    Duration backoff(int next, Random random) {
        long longest = base.toNanos();
        for (int i = 2; i < next && longest < max.toNanos(); i++) longest *= 2;
        longest = Math.min(longest, max.toNanos());
        return Duration.ofNanos(longest == 0 ? 0 : (long) (random.nextDouble() * longest));
    }
}
