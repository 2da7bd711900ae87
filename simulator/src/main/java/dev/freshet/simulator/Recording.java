package dev.freshet.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What the simulator was asked. Thread-safe.
final class Recording {
    private final boolean on;
    private final List<Exchange> exchanges = new ArrayList<>();
    private int connections;

    Recording(boolean on) {
        this.on = on;
    }

    synchronized void add(Exchange exchange) {
        if (!on) return;
        exchanges.add(exchange);
        notifyAll();
    }

    synchronized List<Exchange> all() {
        if (!on) throw new IllegalStateException("nothing is recorded; build the simulator with recording(true)");
        return List.copyOf(exchanges);
    }

    synchronized Exchange await(int index, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (long left = limit.toMillis(); exchanges.size() <= index && left > 0; ) {
            wait(left);
            left = (deadline - System.nanoTime()) / 1_000_000;
        }
        if (exchanges.size() <= index) {
            throw new AssertionError("the simulator got " + exchanges.size() + " requests, not " + (index + 1));
        }
        return exchanges.get(index);
    }

    synchronized void connected(int change) {
        connections += change;
    }

    synchronized int connections() {
        return connections;
    }
}
