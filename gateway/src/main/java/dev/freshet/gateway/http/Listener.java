package dev.freshet.gateway.http;

import dev.freshet.gateway.access.Callers;
import dev.freshet.gateway.access.ReadTokens;
import dev.freshet.gateway.access.Spending;
import dev.freshet.gateway.access.Tokens;
import dev.freshet.gateway.exchange.Exchanges;
import dev.freshet.gateway.model.TlsIdentity;
import dev.freshet.gateway.net.Transport;
import dev.freshet.gateway.stream.MemoryBudget;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Accepts clients' connections and gives each what it needs.
public final class Listener {
    private static final int BACKLOG = 4096;
    /// Of the heap, this part is for requests' bodies until their answers begin; each is there twice for a moment.
    private static final int BODIES_SHARE = 8;
    /// Enough for a line of 1 Gbit/s and a millisecond until the kernel asks for more.
    private static final int MAX_UNSENT = 128 << 10;

    private final Settings settings;
    private final Function<EventLoop, Exchanges> exchanges;
    private final Callers callers;
    private final Tokens browserTokens;
    private final ReadTokens tokens;
    private final AtomicInteger readers = new AtomicInteger();
    private final Connections connections = new Connections();
    private final MemoryBudget bodies = new MemoryBudget(Runtime.getRuntime().maxMemory() / BODIES_SHARE);
    private final Spending spending;
    private final Executor blocking;
    private final BooleanSupplier ready;
    private final Supplier<String> metrics;
    private volatile @Nullable SslContext tls;
    private volatile boolean draining;

    /// @param onLoopback whether it listens there only ([OriginPolicy])
    /// @param headAfter how long a client that attaches to another's answer waits for its head
    /// @param tokenSeconds how long a read token is good for, from the stream's beginning on
    /// @param readersPerStream how many may read one stream at once, besides who asked for it
    /// @param readers how many may read streams at once, besides who asked for them
    public record Settings(
            List<String> names,
            List<String> cors,
            boolean onLoopback,
            int maxBody,
            int maxHeader,
            Duration headTimeout,
            Duration bodyTimeout,
            Duration writeTimeout,
            Duration heartbeat,
            Duration headAfter,
            long tokenSeconds,
            int readersPerStream,
            int readers) {}

    /// @param exchanges those of an event loop
    /// @param callers who asks
    /// @param browserTokens makes tokens of minutes
    /// @param tokens that let a browser read a stream
    /// @param spending says what a key has spent
    /// @param blocking where what takes long is done
    /// @param ready whether new work is welcome
    /// @param metrics in Prometheus' text format
    public Listener(
            Settings settings,
            Function<EventLoop, Exchanges> exchanges,
            Callers callers,
            Tokens browserTokens,
            ReadTokens tokens,
            Spending spending,
            Executor blocking,
            BooleanSupplier ready,
            Supplier<String> metrics) {
        this.settings = settings;
        this.exchanges = exchanges;
        this.callers = callers;
        this.browserTokens = browserTokens;
        this.tokens = tokens;
        this.spending = spending;
        this.blocking = blocking;
        this.ready = ready;
        this.metrics = metrics;
    }

    /// Listens.
    ///
    /// @return the listening channel
    /// @throws IOException where the address can not be listened on
    public Channel bind(Transport transport, EventLoopGroup loops, InetSocketAddress address) throws IOException {
        ServerBootstrap accepting = new ServerBootstrap();
        transport.limitSilence(accepting, settings.writeTimeout());
        transport.limitUnsent(accepting, MAX_UNSENT);
        ChannelFuture bound = accepting
                .group(loops)
                .channel(transport.serverChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new Pipeline())
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) throw new IOException(bound.cause().getMessage(), bound.cause());
        connections.acceptedBy(bound.channel());
        return bound.channel();
    }

    /// Who new connections are told that this is; without, they are plain HTTP.
    ///
    public void identify(TlsIdentity identity) {
        tls = ServerTls.of(identity);
    }

    /// Lets connections finish what is under way, and end. New ones are served, each once: so that who asks is
    /// told that this gateway stops. From any thread.
    public void drain() {
        draining = true;
        connections.drain();
    }

    /// Waits until all connections have ended.
    public void awaitEnd(Duration limit) {
        connections.awaitNone(limit);
    }

    /// Closes all connections. An event loop that is shut down does not always do so itself: where its last
    /// tasks run just then, it ends without a look at its channels.
    public void closeConnections() {
        connections.close();
    }

    /// What is served, and who may ask for it.
    ///
    /// @param any of the loops' exchanges
    public List<String> routes(Exchanges any) {
        return server(any).routes().table();
    }

    private Server server(Exchanges loopsOwn) {
        StreamAccess streams = new StreamAccess(
                loopsOwn.store(),
                loopsOwn.loop(),
                callers,
                tokens,
                new StreamAccess.Limits(settings.tokenSeconds(), settings.readersPerStream()));
        ChatRoute chat = new ChatRoute(loopsOwn, settings.maxBody(), settings.headAfter(), blocking);
        Routes routes = new Routes()
                .add(HttpMethod.POST, "/v1/chat/completions", chat)
                .add(HttpMethod.GET, "/v1/streams/*/events", new EventsRoute(streams, readers, settings.readers()))
                .add(HttpMethod.GET, "/v1/streams/*", StateRoutes.state(streams))
                .add(HttpMethod.DELETE, "/v1/streams/*", StateRoutes.stop(streams))
                .add(HttpMethod.GET, "/v1/models", InfoRoutes.models(loopsOwn))
                .add(HttpMethod.POST, "/v1/tokens", new TokensRoute(browserTokens))
                .add(HttpMethod.GET, "/v1/usage", new UsageRoute(spending))
                .add(HttpMethod.GET, "/health/live", InfoRoutes.live())
                .add(
                        HttpMethod.GET,
                        "/health/ready",
                        InfoRoutes.ready(() -> ready.getAsBoolean() && bodies.welcomes(0)))
                .add(HttpMethod.GET, "/metrics", InfoRoutes.metrics(metrics, callers));
        for (String file : PageFile.NAMES)
            routes.add(HttpMethod.GET, PageRoute.path(file), new PageRoute(file, blocking));
        OriginPolicy origins =
                new OriginPolicy(settings.onLoopback(), callers::askForKeys, settings.names(), settings.cors());
        return new Server(
                routes,
                origins,
                callers,
                new Server.Limits(
                        settings.maxHeader(),
                        settings.headTimeout(),
                        settings.bodyTimeout(),
                        settings.writeTimeout(),
                        settings.heartbeat()),
                bodies,
                () -> draining,
                loopsOwn.loop());
    }

    private final class Pipeline extends ChannelInitializer<Channel> {
        private final ConcurrentMap<EventLoop, Server> servers = new ConcurrentHashMap<>();

        @Override
        protected void initChannel(Channel channel) {
            Server server = servers.computeIfAbsent(channel.eventLoop(), loop -> server(exchanges.apply(loop)));
            connections.add(channel);
            ClientPipeline.build(channel, server, tls);
        }
    }
}
