package dev.freshet.gateway.net;

import java.time.Duration;
import java.util.concurrent.Executor;

/// An event loop, as the code above Netty sees it: it runs tasks one after another, tells monotonic time, and
/// has timers. Everything of one exchange happens on one loop. Tests bring a loop whose time they turn by hand.
public interface Loop extends Executor {
    /// Runs a task on the loop, soon. May be called from any thread.
    @Override
    void execute(Runnable task);

    /// Runs a task on the loop after a while. Only on the loop.
    Timer after(Duration delay, Runnable task);

    /// Monotonic time in nanoseconds, from an arbitrary start.
    long nanoTime();

    /// A task that waits for its time.
    @FunctionalInterface
    interface Timer {
        /// Makes sure that the task does not run, where it has not yet. Only on the loop.
        void cancel();
    }
}
