package dev.freshet.gateway.route;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Provider.Auth;
import dev.freshet.gateway.model.Secret;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which of a provider's several keys a request carries. An owner keeps to one while it works, because
/// providers cache prompts by key. One that is refused or limited rests; where all rest, they are used as if
/// none did. Thread-safe.
public final class Keys {
    /// What providers answer where it is the key that is at fault: unknown, out of balance, not allowed,
    /// limited.
    private static final Set<Integer> ABOUT_THE_KEY = Set.of(401, 402, 403, 429);
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final int LIMITED = 429;

    private final Map<Secret, Long> restingUntil = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    /// @param nanoTime monotonic time
    public Keys(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// The key for an owner's request.
    ///
    /// @param tried those that are not to be used; may be empty
    /// @return null where the provider has no key of its own, or all were tried
    public @Nullable Secret choose(Provider provider, Owner owner, Collection<Secret> tried) {
        if (!(provider.auth() instanceof Auth.Keys(var all))) return null;
        if (all.size() == 1) return tried.isEmpty() ? all.getFirst() : null;
        Stream<Secret> left = all.stream().filter(key -> !tried.contains(key));
        // Rendezvous hashing: an owner's order of the keys is always the same, and other owners have others.
        return left.min(Comparator.comparing(this::rests).thenComparingInt(key -> place(owner, key)))
                .orElse(null);
    }

    private static int place(Owner owner, Secret key) {
        int mixed = owner.hashCode() * 31 + key.value().hashCode();
        mixed ^= mixed >>> 16;
        mixed *= 0x85ebca6b;
        return mixed ^ mixed >>> 13;
    }

    private boolean rests(Secret key) {
        Long until = restingUntil.get(key);
        return until != null && nanoTime.getAsLong() - until < 0;
    }

    /// Learns from an attempt that failed.
    ///
    /// @return whether it was the fault of one of several keys, so that another may help
    public boolean learn(Provider provider, @Nullable Secret key, Failure failure) {
        boolean several = provider.auth() instanceof Auth.Keys(var all) && all.size() > 1;
        if (!several || key == null || failure.upstream() == null) return false;
        int status = failure.upstream().status();
        if (!ABOUT_THE_KEY.contains(status)) return false;
        Duration asked = failure.retryAfter() == null ? SHORTEST : failure.retryAfter();
        Duration rest = status == LIMITED && asked.compareTo(LONGEST) < 0 ? asked : LONGEST;
        restingUntil.put(key, nanoTime.getAsLong() + rest.toNanos());
        return true;
    }
}
