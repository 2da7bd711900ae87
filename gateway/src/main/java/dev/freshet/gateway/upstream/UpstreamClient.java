package dev.freshet.gateway.upstream;

import dev.freshet.gateway.net.Loop;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;

/// The providers' client of one event loop: its connections, and the array that reads are decoded from. Owned
/// by that loop.
public final class UpstreamClient {
    private static final int READ_SIZE = 64 << 10;
    private static final int MAX_HEAD = 64 << 10;

    private final Bootstrap bootstrap;
    private final Loop loop;
    private final Supplier<SslContext> tls;
    private final ConnectionPool pool = new ConnectionPool();
    private final byte[] scratch = new byte[READ_SIZE];

    /// @param names resolves host names
    /// @param tls made when the first https provider is asked
    public UpstreamClient(
            EventLoop eventLoop,
            Loop loop,
            Class<? extends Channel> channel,
            AddressResolverGroup<InetSocketAddress> names,
            Supplier<SslContext> tls) {
        this.loop = loop;
        this.tls = tls;
        bootstrap = new Bootstrap()
                .group(eventLoop)
                .channel(channel)
                .resolver(names)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true);
    }

    /// Begins an attempt. Its listener is told of everything on this loop, never during this call.
    public Attempt start(Call call, AttemptListener listener) {
        Attempt attempt = new Attempt(this, call, listener);
        attempt.start();
        return attempt;
    }

    /// Closes the connections that rest.
    public void close() {
        loop.execute(pool::close);
    }

    Loop loop() {
        return loop;
    }

    ConnectionPool pool() {
        return pool;
    }

    /// What a read's bytes are copied to, to be decoded; its content is good until the next read on this loop.
    byte[] scratch() {
        return scratch;
    }

    /// Connects, over TLS up to the end of its handshake.
    ///
    /// @param limit for all of it
    /// @return a way to give up
    Runnable connect(Origin origin, Duration limit, ConnectListener listener) {
        int millis = Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE);
        Channel connecting = bootstrap
                .clone()
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis)
                .handler(new Pipeline(origin, millis))
                .connect(InetSocketAddress.createUnresolved(origin.host(), origin.port()))
                .addListener((ChannelFuture connected) -> {
                    if (connected.isSuccess()) secured(connected.channel(), listener);
                    else listener.failed(connected.cause());
                })
                .channel();
        return connecting::close;
    }

    private static void secured(Channel channel, ConnectListener listener) {
        SslHandler ssl = channel.pipeline().get(SslHandler.class);
        UpstreamConnection connection = channel.pipeline().get(UpstreamConnection.class);
        if (ssl == null) {
            listener.connected(connection);
            return;
        }
        ssl.handshakeFuture().addListener(handshake -> {
            if (handshake.isSuccess()) listener.connected(connection);
            else listener.failed(handshake.cause());
        });
    }

    /// Told once how connecting went.
    interface ConnectListener {
        void connected(UpstreamConnection connection);

        void failed(Throwable cause);
    }

    private final class Pipeline extends ChannelInitializer<Channel> {
        private final Origin origin;
        private final int handshakeMillis;

        Pipeline(Origin origin, int handshakeMillis) {
            this.origin = origin;
            this.handshakeMillis = handshakeMillis;
        }

        @Override
        protected void initChannel(Channel channel) {
            if (origin.tls()) {
                SslHandler handler = tls.get().newHandler(channel.alloc(), origin.host(), origin.port());
                handler.setHandshakeTimeoutMillis(handshakeMillis);
                channel.pipeline().addLast(handler);
            }
            HttpDecoderConfig limits =
                    new HttpDecoderConfig().setMaxHeaderSize(MAX_HEAD).setMaxChunkSize(READ_SIZE);
            channel.pipeline()
                    .addLast(new HttpClientCodec(limits, false, false), new UpstreamConnection(pool, origin, channel));
        }
    }
}
