package dev.freshet.cli;

import java.util.concurrent.CountDownLatch;

/// Waits for the end of a server's life.
final class UntilStopped {
    private static volatile boolean stopping;

    private UntilStopped() {}

    /// Whether the process was told to end; then its exit code is the signal's, and no one may ask for another.
    static boolean stopping() {
        return stopping;
    }

    /// Returns when the process is told to end (Ctrl-C, SIGTERM); the process then waits for this thread, so
    /// that what it has opened is closed in order.
    static void await() throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        Thread serving = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopping = true;
            told.countDown();
            try {
                serving.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        told.await();
    }
}
