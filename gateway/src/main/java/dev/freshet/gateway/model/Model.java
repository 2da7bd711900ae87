package dev.freshet.gateway.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/// A model that clients can ask for.
///
/// @param name what clients call it; `*` stands for every name that has no entry of its own
/// @param targets who serves it, in order; by weight, where they have weights
/// @param retry how often each of them is asked
/// @param continues whether an answer that broke in the middle may be gone on with, by targets that can
/// @param guards the names of those that watch its answers
/// @param takes what it reads besides text: `image`, `file`, `audio`; empty where that is not known, and with `text`
/// alone where it is nothing else
public record Model(
        String name,
        List<Target> targets,
        Timeouts timeouts,
        Retry retry,
        boolean continues,
        List<String> guards,
        List<String> takes) {
    public static final String ANY = "*";
    private static final long PRECISION = 1L << 30;

    /// A model with the usual patience, whose answers are neither gone on with nor watched.
    public Model(String name, List<Target> targets, Timeouts timeouts) {
        this(name, targets, timeouts, Retry.DEFAULT, false, List.of(), List.of());
    }

    /// The targets in the order in which one request asks them: as they stand, or, where one has a weight,
    /// drawn by weight; those that have none weigh 1.
    ///
    /// @param random a number from 0 up to, but not including, its argument
    public List<Target> inTurn(LongUnaryOperator random) {
        boolean weighted = targets.size() > 1 && targets.stream().anyMatch(target -> target.weight() > 0);
        if (!weighted) return targets;
        List<Target> left = new ArrayList<>(targets);
        List<Target> order = new ArrayList<>(targets.size());
        while (!left.isEmpty()) order.add(left.remove(drawn(left, random)));
        return order;
    }

    /// The provider of that name among those of the targets; null where there is none.
    public @Nullable Provider provider(String provider) {
        return targets.stream()
                .map(Target::provider)
                .filter(one -> one.name().equals(provider))
                .findFirst()
                .orElse(null);
    }

    private static int drawn(List<Target> targets, LongUnaryOperator random) {
        double sum = targets.stream().mapToDouble(Model::weight).sum();
        double at = random.applyAsLong(PRECISION) * sum / PRECISION;
        for (int i = 0; i < targets.size() - 1; i++) {
            at -= weight(targets.get(i));
            if (at < 0) return i;
        }
        return targets.size() - 1;
    }

    private static double weight(Target target) {
        return target.weight() > 0 ? target.weight() : 1;
    }
}
