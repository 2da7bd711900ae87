package dev.freshet.client;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Runs tasks one at a time, in their order, on the thread that brings the first of them: what they touch
/// needs no lock, and who brings a task while another runs does not wait. Thread-safe.
final class Serial implements Executor {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Consumer<Throwable> crashed;

    /// @param crashed takes what a task throws, as a task of its own would
    Serial(Consumer<Throwable> crashed) {
        this.crashed = crashed;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() > 0) return;
        do {
            Runnable next = tasks.poll();
            if (next != null) run(next);
        } while (waiting.decrementAndGet() > 0);
    }

    @SuppressWarnings("CatchingUnchecked") // a listener may throw anything; its call ends with it
    private void run(Runnable task) {
        try {
            task.run();
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            crashed.accept(e);
        }
    }
}
