package dev.freshet.simulator;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/// One chat request that the simulator got, and what became of its answer. Thread-safe.
public final class Exchange {
    /// Where the answer is.
    public enum State {
        RUNNING,
        /// Written to its end, whatever the script has for one.
        COMPLETED,
        /// The client closed or reset the connection before that.
        CANCELLED
    }

    private final long connection;
    private final Map<String, String> headers;
    private final byte[] body;
    private State state = State.RUNNING;
    private int writes;
    private long endedNanos;

    Exchange(long connection, Map<String, String> headers, byte[] body) {
        this.connection = connection;
        this.headers = headers;
        this.body = body;
    }

    /// The connection's number: the same one means that it was used again.
    public long connection() {
        return connection;
    }

    /// The request's headers, their names in lower case.
    public Map<String, String> headers() {
        return headers;
    }

    public String body() {
        return new String(body, StandardCharsets.UTF_8);
    }

    public synchronized State state() {
        return state;
    }

    /// How many writes the answer had so far.
    public synchronized int writes() {
        return writes;
    }

    /// When the answer ended, or was cancelled, by [System#nanoTime]; 0 while it runs.
    public synchronized long endedNanos() {
        return endedNanos;
    }

    /// Waits until the answer is over.
    ///
    /// @throws AssertionError where it is not within the limit, or ended otherwise
    public void await(State wanted, Duration limit) throws InterruptedException {
        State reached = await(limit);
        if (reached != wanted)
            throw new AssertionError(
                    "the simulator's answer is " + reached + " after " + writes() + " writes, not " + wanted);
    }

    /// Waits until the answer is over, however it ended.
    ///
    /// @return how it ended; [State#RUNNING] where it did not within the limit
    public synchronized State await(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (long left = limit.toMillis(); state == State.RUNNING && left > 0; ) {
            wait(left);
            left = (deadline - System.nanoTime()) / 1_000_000;
        }
        return state;
    }

    synchronized void wrote() {
        writes++;
    }

    synchronized void ended(State how) {
        if (state != State.RUNNING) return;
        state = how;
        endedNanos = System.nanoTime();
        notifyAll();
    }
}
