package dev.freshet.gateway.stream;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/// One reader's membership in a log. A reader on the log's own loop is told directly, one on another loop by a
/// message, of which at most one is under way: what it would have said is read from the log when it arrives.
public final class Reading {
    private final StreamLog log;
    private final Executor home;
    private final LogReader reader;
    private final boolean local;
    private final AtomicBoolean told = new AtomicBoolean();
    private boolean left; // owned by home

    Reading(StreamLog log, Executor home, LogReader reader) {
        this.log = log;
        this.home = home;
        this.reader = reader;
        local = home.equals(log.loop());
    }

    /// Whether the reader is on the log's own loop.
    boolean local() {
        return local;
    }

    /// On the log's loop.
    void tell() {
        if (local) arrive();
        else if (told.compareAndSet(false, true)) message(home, this::arrive);
    }

    private void arrive() {
        told.set(false);
        if (!left) reader.appended();
    }

    /// Reads no more. On the reader's loop; a second call does nothing.
    public void leave() {
        if (left) return;
        left = true;
        if (local) log.remove(this);
        else message(log.loop(), () -> log.remove(this));
    }

    private static void message(Executor loop, Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // The gateway is closing, and the loop is gone with all that it owned.
        }
    }
}
