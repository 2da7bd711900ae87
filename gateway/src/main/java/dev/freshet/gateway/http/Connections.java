package dev.freshet.gateway.http;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The clients' connections that are open. There may be only so many that those which are served do not run out
/// of file descriptors: at that number nothing is accepted until one closes. Thread-safe.
final class Connections {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    /// For the program's own files, the database, and what listens.
    private static final int OWN_FILES = 256;

    private static final int FEWEST = 16;

    private final int most;
    private final AtomicInteger open = new AtomicInteger();
    private final ChannelGroup all = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private volatile @Nullable Channel listening;
    private volatile boolean accepting = true;

    Connections() {
        this(descriptors());
    }

    /// @param descriptors how many files the process may open; each client may need one more, to a provider
    Connections(long descriptors) {
        most = Math.clamp((descriptors - OWN_FILES) / 2, FEWEST, Integer.MAX_VALUE);
    }

    private static long descriptors() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Integer.MAX_VALUE;
    }

    /// The channel that accepts them.
    void acceptedBy(Channel channel) {
        listening = channel;
        look();
    }

    void add(Channel connection) {
        all.add(connection);
        if (open.incrementAndGet() >= most) look();
        connection.closeFuture().addListener(_ -> {
            open.decrementAndGet();
            if (!accepting) look();
        });
    }

    /// On the accepting channel's loop, so that the last look is the one that counts.
    private void look() {
        Channel channel = listening;
        if (channel != null) channel.eventLoop().execute(() -> accept(channel, open.get() < most));
    }

    private void accept(Channel channel, boolean more) {
        if (more == accepting) return;
        accepting = more;
        channel.config().setAutoRead(more);
        if (!more) LOG.warn("{} clients are connected, as many as the limit of open files allows (ulimit -n)", most);
    }

    /// Tells all of them to finish what is under way.
    void drain() {
        all.forEach(connection -> connection.pipeline().fireUserEventTriggered(Drain.NOW));
    }

    /// Waits until all are closed.
    void awaitNone(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        try {
            while (open.get() > 0 && System.nanoTime() < end) Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void close() {
        all.close().syncUninterruptibly();
    }
}
