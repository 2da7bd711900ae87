package dev.freshet.sse;

import java.util.Random;

/// Randomness that can be had again: the seed is printed, and `-Dfreshet.seed=N` gives it back.
final class Seed {
    private Seed() {}

    static Random random(String test) {
        long seed = Long.getLong("freshet.seed", System.nanoTime());
        System.out.println(test + ": -Dfreshet.seed=" + seed);
        return new Random(seed);
    }
}
