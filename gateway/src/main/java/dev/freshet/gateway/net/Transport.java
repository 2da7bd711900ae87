package dev.freshet.gateway.net;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
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
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
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

    public Class<? extends Channel> channel() {
        return channel;
    }

    public Class<? extends ServerSocketChannel> serverChannel() {
        return serverChannel;
    }
}
