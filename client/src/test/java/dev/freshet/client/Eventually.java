package dev.freshet.client;

import java.util.function.BooleanSupplier;

/// Waits for what comes true a little later than a test can see its cause.
final class Eventually {
    private static final long LIMIT_NANOS = 20_000_000_000L;

    private Eventually() {}

    static void is(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) throw new AssertionError(what + " did not come true");
            Thread.sleep(5);
        }
    }
}
