package dev.freshet.client;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// Hands chunks to the receiver as fast as it asks for them, and the end behind the last of them. Not
/// thread-safe.
final class Delivery {
    private final Receiver receiver;
    private final Queue<Chunk> ready = new ArrayDeque<>();
    private long demand;
    private @Nullable Runnable end;
    private boolean over;

    Delivery(Receiver receiver) {
        this.receiver = receiver;
    }

    /// The receiver wants so many more.
    void request(long count) {
        demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
        drain();
    }

    void add(Chunk chunk) {
        if (end == null) ready.add(chunk);
        drain();
    }

    /// Whether everything that came was taken, and more is wanted.
    boolean hungry() {
        return ready.isEmpty() && demand > 0;
    }

    /// The end, behind what is ready. Only the first one counts.
    void end(Runnable last) {
        if (end == null) end = last;
        drain();
    }

    /// Forgets what is ready.
    void drop() {
        ready.clear();
    }

    private void drain() {
        while (demand > 0 && !ready.isEmpty()) {
            if (demand != Long.MAX_VALUE) demand--;
            receiver.chunk(ready.remove());
        }
        Runnable last = end;
        if (ready.isEmpty() && last != null && !over) {
            over = true;
            last.run();
        }
    }
}
