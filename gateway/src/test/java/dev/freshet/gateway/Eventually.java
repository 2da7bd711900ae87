package dev.freshet.gateway;

import java.time.Duration;
import java.util.concurrent.Callable;

/// Waits for what comes true a little later than a test can see its cause.
final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration PERIOD = Duration.ofMillis(5);

    private Eventually() {}

    /// Asks again and again until it is so.
    ///
    /// @throws AssertionError where it is not after twenty seconds
    static void is(Callable<Boolean> condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try {
            while (!condition.call()) {
                if (System.nanoTime() - deadline > 0) throw new AssertionError("it never came true");
                Thread.sleep(PERIOD);
            }
        } catch (AssertionError e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
