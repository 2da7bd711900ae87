package dev.freshet.cli.chat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Who is told of Ctrl-C, and of the end of the process: a running answer is stopped first, so that its
/// upstream ends too. Thread-safe.
final class Interrupts {
    static final int INTERRUPTED = 130;
    /// A gateway is told to stop, and says what was spent; that takes no longer.
    private static final long FAREWELL_SECONDS = 4;

    private volatile boolean interrupted;
    private @Nullable Answering running;
    private CountDownLatch over = new CountDownLatch(0);

    Interrupts() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::farewell));
    }

    synchronized void begin(Answering answering) {
        running = answering;
        over = new CountDownLatch(1);
    }

    synchronized void end() {
        running = null;
        over.countDown();
    }

    /// Ctrl-C: the first stops the answer, the second the program.
    void interrupt() {
        interrupted = true;
        Answering answering = running();
        if (answering == null || answering.stopping()) Runtime.getRuntime().exit(INTERRUPTED);
        else answering.stop();
    }

    /// Whether Ctrl-C was pressed.
    boolean interrupted() {
        return interrupted;
    }

    private synchronized @Nullable Answering running() {
        return running;
    }

    /// SIGTERM, or the terminal is gone. Who asked twice is not kept.
    private void farewell() {
        Answering answering = running();
        if (answering == null || answering.stopping()) return;
        answering.stop();
        try {
            if (!over.await(FAREWELL_SECONDS, TimeUnit.SECONDS)) answering.stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
