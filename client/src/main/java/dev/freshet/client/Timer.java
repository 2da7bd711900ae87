package dev.freshet.client;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Runs tasks later. One thread for all clients of the process, which only hands them on. Thread-safe.
final class Timer {
    private static final ScheduledThreadPoolExecutor CLOCK = clock();

    private Timer() {}

    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "freshet-client-timer");
            thread.setDaemon(true);
            return thread;
        });
        clock.setRemoveOnCancelPolicy(true);
        return clock;
    }

    /// @return cancels the task, where it has not begun
    static Future<?> after(Duration wait, Executor executor, Runnable task) {
        return CLOCK.schedule(() -> executor.execute(task), wait.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// How many tasks wait, of all clients.
    static int waiting() {
        return CLOCK.getQueue().size();
    }
}
