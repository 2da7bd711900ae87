package dev.freshet.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.utils.Signals;

/// Waits for the end of a server's life.
final class UntilStopped {
    private static final int INTERRUPTED = 130;
    private static final int TERMINATED = 143;

    private final AtomicInteger code = new AtomicInteger();
    private final CountDownLatch told = new CountDownLatch(1);

    private UntilStopped() {}

    /// Returns when the process is told to end (Ctrl-C, SIGTERM), so that what it has opened is closed in order. A
    /// second signal ends the process at once.
    ///
    /// @return the exit code: 128 and the signal's number
    static int await() throws InterruptedException {
        UntilStopped waiting = new UntilStopped();
        Signals.register("INT", () -> waiting.signal(INTERRUPTED));
        Signals.register("TERM", () -> waiting.signal(TERMINATED));
        waiting.told.await();
        return waiting.code.get();
    }

    private void signal(int number) {
        if (!code.compareAndSet(0, number)) Runtime.getRuntime().halt(number);
        told.countDown();
    }
}
