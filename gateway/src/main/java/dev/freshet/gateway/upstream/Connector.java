package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.HttpProxy;
import dev.freshet.gateway.model.Proxies;
import dev.freshet.gateway.net.Loop;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Connects to providers: looks the name up, asks the proxy where there is one, and speaks TLS where the
/// address says so, and then HTTP/2 where the provider does (RFC 7301, ALPN); all of it within one limit. Owned by one
/// event loop.
final class Connector {
    private static final int READ_SIZE = 64 << 10;
    private static final int MAX_HEAD = 64 << 10;
    private static final HttpDecoderConfig LIMITS =
            new HttpDecoderConfig().setMaxHeaderSize(MAX_HEAD).setMaxChunkSize(READ_SIZE);

    private final Bootstrap bootstrap;
    private final EventLoop eventLoop;
    private final Loop loop;
    private final AddressResolverGroup<InetSocketAddress> names;
    private final Tls tls;
    private final Proxies proxies;
    private final ConnectionPool pool;
    /// Those that several attempts may wait for, because their origins speak HTTP/2.
    private final Map<Origin, Connecting> shared = new HashMap<>();

    Connector(
            EventLoop eventLoop,
            Loop loop,
            Class<? extends Channel> channel,
            AddressResolverGroup<InetSocketAddress> names,
            Tls tls,
            Proxies proxies,
            ConnectionPool pool) {
        this.eventLoop = eventLoop;
        this.loop = loop;
        this.names = names;
        this.tls = tls;
        this.proxies = proxies;
        this.pool = pool;
        bootstrap = new Bootstrap()
                .group(eventLoop)
                .channel(channel)
                .resolver(names)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true);
    }

    /// Told once how connecting went.
    interface Listener {
        void connected(UpstreamConnection connection);

        void failed(Throwable cause);
    }

    /// Connects; over HTTP/2 that may be a stream of a connection that is there.
    ///
    /// @param limit for all of it
    /// @return a way to give up: nothing is told then
    Runnable connect(Origin origin, Duration limit, Listener listener) {
        UpstreamSession session = pool.session(origin);
        if (session != null) {
            session.open(listener);
            return () -> {};
        }
        Connecting connecting = shared.get(origin);
        if (connecting == null) {
            connecting = new Connecting(origin);
            if (pool.speaksHttp2(origin)) shared.put(origin, connecting);
            Waiter waiter = connecting.add(listener, limit);
            connecting.start();
            return waiter::giveUp;
        }
        return connecting.add(listener, limit)::giveUp;
    }

    /// An attempt that waits for a connection.
    private final class Waiter {
        private final Connecting connecting;
        private final Listener listener;
        private final Duration limit;
        private final Loop.Timer timer;
        private @Nullable Runnable next;

        Waiter(Connecting connecting, Listener listener, Duration limit) {
            this.connecting = connecting;
            this.listener = listener;
            this.limit = limit;
            timer = loop.after(limit, () -> {
                giveUp();
                listener.failed(new ConnectTimeoutException("after " + limit));
            });
        }

        /// The connection was not for it, so that it takes another.
        void again() {
            next = connect(connecting.origin, limit, listener);
        }

        void giveUp() {
            timer.cancel();
            if (next == null) connecting.remove(this);
            else next.run();
        }
    }

    private final class Connecting {
        private final Origin origin;
        private final Set<Waiter> waiters = new LinkedHashSet<>(1);
        private final @Nullable HttpProxy proxy;
        private @Nullable Channel channel;
        private boolean over;

        Connecting(Origin origin) {
            this.origin = origin;
            proxy = proxies.towards(origin.tls(), origin.host(), origin.port());
        }

        Waiter add(Listener listener, Duration limit) {
            Waiter waiter = new Waiter(this, listener, limit);
            waiters.add(waiter);
            return waiter;
        }

        /// Nobody waits for it any more.
        void remove(Waiter waiter) {
            waiters.remove(waiter);
            if (!over && waiters.isEmpty()) {
                finish();
                close();
            }
        }

        void start() {
            InetSocketAddress there = InetSocketAddress.createUnresolved(origin.host(), origin.port());
            if (proxy == null) {
                connect(bootstrap.clone().handler(pipeline(null)), there);
                return;
            }
            InetSocketAddress via = InetSocketAddress.createUnresolved(proxy.host(), proxy.port());
            if (!origin.tls()) connect(bootstrap.clone().handler(pipeline(null)), via);
            else names.getResolver(eventLoop).resolve(via).addListener(found -> tunnel(there, found));
        }

        private void tunnel(InetSocketAddress there, Future<?> found) {
            if (over) return;
            if (!found.isSuccess()) {
                failed(found.cause());
                return;
            }
            // The proxy looks the provider's name up.
            Bootstrap tunnelling = bootstrap.clone().resolver(NoopAddressResolverGroup.INSTANCE);
            connect(tunnelling.handler(pipeline((InetSocketAddress) found.getNow())), there);
        }

        private void connect(Bootstrap ready, InetSocketAddress address) {
            // The limit is ours alone, because the name's look-up and TLS are in it too.
            ChannelFuture connected =
                    ready.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0).connect(address);
            channel = connected.channel();
            connected.addListener((ChannelFuture done) -> {
                if (done.isSuccess()) reached(done.channel());
                else failed(done.cause());
            });
        }

        /// The other side, or the proxy, has accepted. With TLS the handshake goes on from here.
        private void reached(Channel reached) {
            if (over) return;
            HttpProxyHandler tunnel = reached.pipeline().get(HttpProxyHandler.class);
            if (tunnel != null)
                tunnel.connectFuture().addListener(open -> {
                    if (!open.isSuccess()) failed(open.cause());
                });
            if (!origin.tls()) connected(reached);
        }

        private void connected(Channel ready) {
            if (over) return;
            List<Waiter> all = finish();
            SslHandler ssl = ready.pipeline().get(SslHandler.class);
            if (ssl != null && ApplicationProtocolNames.HTTP_2.equals(ssl.applicationProtocol())) {
                UpstreamSession session = UpstreamSession.on(ready, pool, origin, loop);
                for (Waiter waiter : all) {
                    if (session.hasRoom()) session.open(waiter.listener);
                    else waiter.again();
                }
            } else {
                ready.pipeline()
                        .addLast(
                                new StrictResponseDecoder(LIMITS),
                                new HttpRequestEncoder(),
                                new UpstreamConnection(pool, origin, origin.tls() ? null : proxy, ready));
                all.removeFirst().listener.connected(ready.pipeline().get(UpstreamConnection.class));
                for (Waiter waiter : all) waiter.again();
            }
        }

        private void failed(Throwable cause) {
            if (over) return;
            List<Waiter> all = finish();
            close();
            for (Waiter waiter : all) waiter.listener.failed(cause);
        }

        private void close() {
            if (channel != null) channel.close();
        }

        private List<Waiter> finish() {
            over = true;
            shared.remove(origin, this);
            List<Waiter> all = new ArrayList<>(waiters);
            waiters.clear();
            for (Waiter waiter : all) waiter.timer.cancel();
            return all;
        }

        /// @param tunnelVia the proxy that is asked for a tunnel; null where there is none
        private ChannelInitializer<Channel> pipeline(@Nullable InetSocketAddress tunnelVia) {
            return new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel fresh) throws SSLException {
                    if (tunnelVia != null) fresh.pipeline().addLast(proxyHandler(tunnelVia));
                    if (origin.tls()) fresh.pipeline().addLast(tlsHandler(fresh), new Handshake());
                }
            };
        }

        /// Looks at how the handshake went before anything comes that it protects.
        private final class Handshake extends ChannelInboundHandlerAdapter {
            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (event instanceof SslHandshakeCompletionEvent handshake) {
                    ctx.pipeline().remove(this);
                    HttpProxyHandler tunnel = ctx.pipeline().get(HttpProxyHandler.class);
                    boolean through = tunnel == null || tunnel.connectFuture().isSuccess();
                    if (handshake.isSuccess()) connected(ctx.channel());
                    else if (through) failed(handshake.cause()); // else the tunnel says why
                } else {
                    ctx.fireUserEventTriggered(event);
                }
            }
        }

        private HttpProxyHandler proxyHandler(InetSocketAddress via) {
            HttpProxyHandler handler =
                    login() == null ? new HttpProxyHandler(via) : new HttpProxyHandler(via, user(), password());
            handler.setConnectTimeoutMillis(0);
            return handler;
        }

        private @Nullable String login() {
            return proxy == null || proxy.login() == null ? null : proxy.login().value();
        }

        private String user() {
            return String.valueOf(login()).replaceFirst("(?s):.*", "");
        }

        private String password() {
            String login = String.valueOf(login());
            return login.contains(":") ? login.substring(login.indexOf(':') + 1) : "";
        }

        private SslHandler tlsHandler(Channel fresh) throws SSLException {
            SslContext context = tls.get(origin.authorities());
            SslHandler handler = context.newHandler(fresh.alloc(), origin.host(), origin.port());
            handler.setHandshakeTimeoutMillis(0);
            return handler;
        }
    }
}
