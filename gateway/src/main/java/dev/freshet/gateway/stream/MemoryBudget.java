package dev.freshet.gateway.stream;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/// How much memory all things of a kind together may take: logs, or bodies that are on their way. Thread-safe.
public final class MemoryBudget {
    private final long max;
    private final AtomicLong used = new AtomicLong();
    private volatile BooleanSupplier reclaim = () -> false;

    /// @param max in bytes
    public MemoryBudget(long max) {
        this.max = max;
    }

    /// What to do when there is not enough: frees a log's memory, where there is one that can be spared.
    void onShortage(BooleanSupplier action) {
        reclaim = action;
    }

    /// @return whether there was enough left, or could be made
    public boolean take(long bytes) {
        for (long now = used.get(); ; now = used.get()) {
            if (now + bytes <= max) {
                if (used.compareAndSet(now, now + bytes)) return true;
            } else if (!reclaim.getAsBoolean()) {
                return false;
            }
        }
    }

    /// Whether so much is left for what is new that what is there can grow: one part in sixteen.
    public boolean welcomes(long bytes) {
        return hasRoomFor(Math.max(bytes, max / 16));
    }

    /// Whether there is so much left, or could be made.
    boolean hasRoomFor(long bytes) {
        if (!take(bytes)) return false;
        giveBack(bytes);
        return true;
    }

    /// Takes what is needed whatever the limit says.
    void takeAnyway(long bytes) {
        used.addAndGet(bytes);
    }

    public void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }

    /// What all take now, in bytes.
    public long used() {
        return used.get();
    }
}
