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
    /// Where nothing new is taken, nothing may ask for a collection, which shows what is garbage.
    private static final Duration BETWEEN_COLLECTIONS = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Strain.class);

    private final @Nullable MemoryPoolMXBean old = oldest();
    private volatile boolean draining;
    private volatile boolean full;
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
        double heap = heap();
        boolean before = full;
        full = Math.max(heap, direct()) > (before ? ROOM_AGAIN : FULL);
        if (full != before && full)
            LOG.warn("memory is nearly full, so nothing new is taken; give the JVM more (FRESHET_JAVA_OPTS=-Xmx…)");
        else if (full != before) LOG.warn("there is memory again, so new requests are taken");
        if (full && heap > ROOM_AGAIN) collect();
    }

    private void collect() {
        long now = System.nanoTime();
        if (now - collectedNanos < BETWEEN_COLLECTIONS.toNanos()) return;
        collectedNanos = now;
        Thread.ofPlatform().daemon().name("freshet-collect").start(System::gc);
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
