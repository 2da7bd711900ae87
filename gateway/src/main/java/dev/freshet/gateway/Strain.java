package dev.freshet.gateway;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether this process can take new work: not while it drains, and not while its memory is nearly full, because
/// then those that are served already would suffer. Looked at each second, and asked by any thread.
final class Strain {
    private static final double FULL = 0.9;
    private static final double ROOM_AGAIN = 0.8;
    private static final Duration BETWEEN_COLLECTIONS = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Strain.class);

    private final @Nullable MemoryPoolMXBean old = oldest();
    private volatile boolean draining;
    private volatile boolean full;
    private volatile boolean collecting;
    private long collectedNanos = System.nanoTime() - BETWEEN_COLLECTIONS.toNanos();

    /// The pool of what lives long: the largest one of the heap that has a limit.
    private static @Nullable MemoryPoolMXBean oldest() {
        Optional<MemoryPoolMXBean> largest = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP && pool.getUsage() != null)
                .max(Comparator.comparingLong(pool -> pool.getUsage().getMax()));
        return largest.orElse(null);
    }

    /// From now on nothing new is taken.
    void drain() {
        draining = true;
    }

    boolean draining() {
        return draining;
    }

    /// Looks how full memory is. By one thread at a time.
    void look() {
        double mark = full ? ROOM_AGAIN : FULL;
        if (direct() > mark) full(true);
        else if (heap() <= mark) full(false);
        else if (System.nanoTime() - collectedNanos > BETWEEN_COLLECTIONS.toNanos()) collect();
        else if (!collecting) full(true);
    }

    private void full(boolean now) {
        if (now == full) return;
        full = now;
        LOG.warn(
                now
                        ? "memory is nearly full, so nothing new is taken; give the JVM more (FRESHET_JAVA_OPTS=-Xmx…)"
                        : "there is memory again, so new requests are taken");
    }

    /// Much of what is there may be garbage; what is left after this is not.
    private void collect() {
        collectedNanos = System.nanoTime();
        collecting = true;
        Thread.ofPlatform().daemon().name("freshet-collect").start(() -> {
            System.gc();
            collecting = false;
        });
    }

    private double heap() {
        MemoryUsage used = old == null ? null : old.getUsage();
        return used == null || used.getMax() <= 0 ? 0 : (double) used.getUsed() / used.getMax();
    }

    private static double direct() {
        long used = PlatformDependent.usedDirectMemory();
        return used < 0 ? 0 : (double) used / PlatformDependent.maxDirectMemory();
    }

    /// Why nothing new is taken; null where it is.
    @Nullable
    Failure refusal() {
        if (draining) return refused("This gateway is about to stop; ask again in a moment.");
        return full
                ? refused("This gateway's memory is nearly full (its log says more); ask again in a moment.")
                : null;
    }

    private static Failure refused(String message) {
        return Failure.of(FailureCode.OVERLOADED, message)
                .withRetryAfter(Duration.ofSeconds(1))
                .asRetryable();
    }
}
