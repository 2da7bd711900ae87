package dev.freshet.gateway.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.kqueue.KQueueSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// How this machine does network I/O, the best first. io_uring comes behind epoll, because it cost more for
/// each token and for each held stream when the two were measured side by side (docs/decisions/0007).
public enum Transport {
    EPOLL(Epoll::isAvailable, EpollIoHandler::newFactory, EpollSocketChannel.class, EpollServerSocketChannel.class),
    KQUEUE(
            KQueue::isAvailable,
            KQueueIoHandler::newFactory,
            KQueueSocketChannel.class,
            KQueueServerSocketChannel.class),
    IO_URING(
            IoUring::isAvailable,
            IoUringIoHandler::newFactory,
            IoUringSocketChannel.class,
            IoUringServerSocketChannel.class),
    NIO(() -> true, NioIoHandler::newFactory, NioSocketChannel.class, NioServerSocketChannel.class);

    private final BooleanSupplier available;
    private final Supplier<IoHandlerFactory> handlers;
    private final Class<? extends Channel> channel;
    private final Class<? extends ServerSocketChannel> serverChannel;

    Transport(
            BooleanSupplier available,
            Supplier<IoHandlerFactory> handlers,
            Class<? extends Channel> channel,
            Class<? extends ServerSocketChannel> serverChannel) {
        this.available = available;
        this.handlers = handlers;
        this.channel = channel;
        this.serverChannel = serverChannel;
    }

    /// The first transport that works here; the system property `freshet.transport` names another.
    ///
    /// @throws IllegalArgumentException where it names none
    public static Transport fastest() {
        String named = System.getProperty("freshet.transport");
        if (named != null) return valueOf(named.toUpperCase(Locale.ROOT));
        for (Transport transport : values()) {
            if (transport.available.getAsBoolean()) return transport;
        }
        throw new AssertionError("NIO works everywhere");
    }

    public boolean available() {
        return available.getAsBoolean();
    }

    /// New event loops, that many, on threads named `freshet-loop-N`.
    public EventLoopGroup loops(int count) {
        return new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory("freshet-loop"), handlers.get());
    }

    /// Has the kernel give up connections whose other side acknowledges nothing for so long, or takes
    /// nothing, where this transport can ask for that (RFC 5482, "TCP User Timeout Option").
    public void limitSilence(ServerBootstrap accepting, Duration limit) {
        int millis = Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE);
        switch (this) {
            case EPOLL -> accepting.childOption(EpollChannelOption.TCP_USER_TIMEOUT, millis);
            case IO_URING -> accepting.childOption(IoUringChannelOption.TCP_USER_TIMEOUT, millis);
            case KQUEUE, NIO -> {}
        }
    }

    /// Has the kernel take no more of what is written than can be sent soon, where this transport can ask for that: so
    /// what a client does not read waits where it is seen, and takes no kernel memory (tcp(7), TCP_NOTSENT_LOWAT).
    public void limitUnsent(ServerBootstrap accepting, int bytes) {
        switch (this) {
            case EPOLL -> accepting.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) bytes);
            case IO_URING -> accepting.childOption(IoUringChannelOption.TCP_NOTSENT_LOWAT, (long) bytes);
            case KQUEUE, NIO -> {}
        }
    }

    public Class<? extends Channel> channel() {
        return channel;
    }

    public Class<? extends ServerSocketChannel> serverChannel() {
        return serverChannel;
    }
}
