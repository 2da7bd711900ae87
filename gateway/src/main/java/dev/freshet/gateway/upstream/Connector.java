package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.HttpProxy;
import dev.freshet.gateway.model.Proxies;
import dev.freshet.gateway.net.Loop;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Connects to providers: looks the name up, asks the proxy where there is one, and speaks TLS where the
/// address says so; all of it within one limit. Owned by one event loop.
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

    /// Connects.
    ///
    /// @param limit for all of it
    /// @return a way to give up: nothing is told then
    Runnable connect(Origin origin, Duration limit, Listener listener) {
        Connecting connecting = new Connecting(origin, limit, listener);
        connecting.start();
        return connecting::giveUp;
    }

    private final class Connecting {
        private final Origin origin;
        private final Duration limit;
        private final Listener listener;
        private final @Nullable HttpProxy proxy;
        private @Nullable Channel channel;
        private Loop.@Nullable Timer timer;
        private boolean over;

        Connecting(Origin origin, Duration limit, Listener listener) {
            this.origin = origin;
            this.limit = limit;
            this.listener = listener;
            proxy = proxies.towards(origin.tls(), origin.host(), origin.port());
        }

        void start() {
            timer = loop.after(limit, () -> failed(new ConnectTimeoutException("after " + limit)));
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

        /// The other side, or the proxy, has accepted.
        private void reached(Channel reached) {
            if (over) return;
            HttpProxyHandler tunnel = reached.pipeline().get(HttpProxyHandler.class);
            if (tunnel == null) secure(reached);
            else
                tunnel.connectFuture().addListener(open -> {
                    if (open.isSuccess()) secure(reached);
                    else failed(open.cause());
                });
        }

        private void secure(Channel reached) {
            SslHandler ssl = reached.pipeline().get(SslHandler.class);
            if (ssl == null) connected(reached);
            else
                ssl.handshakeFuture().addListener(handshake -> {
                    if (handshake.isSuccess()) connected(reached);
                    else failed(handshake.cause());
                });
        }

        private void connected(Channel ready) {
            if (finished()) return;
            listener.connected(ready.pipeline().get(UpstreamConnection.class));
        }

        private void failed(Throwable cause) {
            if (finished()) return;
            close();
            listener.failed(cause);
        }

        void giveUp() {
            if (!finished()) close();
        }

        private void close() {
            if (channel != null) channel.close();
        }

        private boolean finished() {
            boolean before = over;
            over = true;
            if (timer != null) timer.cancel();
            return before;
        }

        /// @param tunnelVia the proxy that is asked for a tunnel; null where there is none
        private ChannelInitializer<Channel> pipeline(@Nullable InetSocketAddress tunnelVia) {
            return new ChannelInitializer<>() {
                @Override
                protected void initChannel(Channel fresh) throws SSLException {
                    HttpProxy readBy = tunnelVia == null ? proxy : null;
                    if (tunnelVia != null) fresh.pipeline().addLast(proxyHandler(tunnelVia));
                    if (origin.tls()) fresh.pipeline().addLast(tlsHandler(fresh));
                    fresh.pipeline()
                            .addLast(
                                    new StrictResponseDecoder(LIMITS),
                                    new HttpRequestEncoder(),
                                    new UpstreamConnection(pool, origin, readBy, fresh));
                }
            };
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
