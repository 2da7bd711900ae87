package dev.freshet.simulator;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A provider of language models on this machine: it speaks OpenAI's chat API, answers sensibly as `demo`, and
/// does what scripts say. Thread-safe.
public final class Simulator implements AutoCloseable {
    private static final int MAX_BODY = 32 << 20;
    private static final AtomicLong CONNECTIONS = new AtomicLong();

    private final Models models;
    private final Recording recording;
    private final Gates gates = new Gates();
    private final Meters meters = new Meters();
    private final EventLoopGroup loops;
    private final Channel listening;
    private final @Nullable String key;
    private final @Nullable FaultAddresses addresses;

    private Simulator(Builder builder) throws IOException {
        models = new Models();
        builder.scripts.forEach(models::put);
        recording = new Recording(builder.recording);
        key = builder.key;
        loops = new MultiThreadIoEventLoopGroup(
                builder.threads, new DefaultThreadFactory("freshet-simulator", true), NioIoHandler.newFactory());
        try {
            listening = listen(builder.host, builder.port, null);
            addresses = builder.tls || builder.faultAddresses
                    ? new FaultAddresses(port(), builder.faultAddresses, this::listen)
                    : null;
        } catch (IOException e) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    private Channel listen(String host, int port, @Nullable SslContext tls) throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 4096)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new Pipeline(tls))
                .bind(host, port)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) throw new IOException(bound.cause().getMessage(), bound.cause());
        return bound.channel();
    }

    public static Builder builder() {
        return new Builder();
    }

    /// How a simulator is made. Not thread-safe.
    public static final class Builder {
        private String host = "127.0.0.1";
        private int port;
        private int threads = 1;
        private boolean recording;
        private boolean tls;
        private boolean faultAddresses;
        private @Nullable String key;
        private final Map<String, Script> scripts = new LinkedHashMap<>();

        private Builder() {}

        public Builder host(String name) {
            host = name;
            return this;
        }

        /// The port to listen on; 0, the default, takes any free one.
        public Builder port(int number) {
            port = number;
            return this;
        }

        /// How many event loops; 1 unless told otherwise.
        public Builder threads(int count) {
            threads = count;
            return this;
        }

        /// Whether requests are kept for [Simulator#exchanges]. Off unless asked for, because they are never
        /// forgotten.
        public Builder recording(boolean on) {
            recording = on;
            return this;
        }

        /// The Bearer that requests must carry; any, or none, unless told otherwise.
        public Builder requireKey(String bearer) {
            key = bearer;
            return this;
        }

        /// Whether it also listens with TLS, for HTTP/1.1 and for HTTP/2. Off unless asked for.
        public Builder tls(boolean on) {
            tls = on;
            return this;
        }

        /// Whether it also has addresses where connecting fails ([Simulator#addresses]), and listens with TLS. Off
        /// unless asked for.
        public Builder faultAddresses(boolean on) {
            faultAddresses = on;
            return this;
        }

        public Builder script(String model, Script script) {
            scripts.put(model, script);
            return this;
        }

        /// The models of a file of scripts.
        ///
        /// @throws ScriptException where the file is no such file, with line and column
        public Builder scripts(Path file) throws IOException {
            scripts.putAll(ScriptFile.read(file));
            return this;
        }

        /// Starts it.
        ///
        /// @throws IOException where the address can not be listened on
        public Simulator start() throws IOException {
            return new Simulator(this);
        }
    }

    /// The API's base: `http://127.0.0.1:PORT/v1`.
    public URI baseUri() {
        InetSocketAddress address = (InetSocketAddress) listening.localAddress();
        return URI.create("http://" + address.getHostString() + ":" + address.getPort() + "/v1");
    }

    private int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /// The same API over TLS: `https://localhost:PORT/v1`. Its certificate is signed by [#authority].
    ///
    /// @throws IllegalStateException where it was built without TLS
    public URI tlsUri() {
        return faultAddresses().tls();
    }

    /// The same API over TLS and HTTP/2, which is all that it speaks there: `https://localhost:PORT/v1`.
    ///
    /// @throws IllegalStateException where it was built without TLS
    public URI http2Uri() {
        return faultAddresses().http2();
    }

    /// Addresses where connecting fails: rows 1 to 3 of the failure model. None where it was built without.
    public List<FaultAddress> addresses() {
        return addresses == null ? List.of() : addresses.all();
    }

    private FaultAddresses faultAddresses() {
        if (addresses == null) throw new IllegalStateException("build the simulator with tls(true)");
        return addresses;
    }

    /// The certificate of the authority that signed the simulator's own, as PEM. Nobody has its key.
    public static String authority() {
        return Certificates.authority();
    }

    /// The ways in which its models can misbehave, by row of the failure model.
    public static List<Fault> faults() {
        return Faults.all();
    }

    /// Whether there is a model of this very name; the demo model answers under every other one.
    public boolean serves(String model) {
        return models.has(model);
    }

    /// The names of its models, numbered tokens and faults left out.
    public List<String> names() {
        return models.names();
    }

    /// Gives a model another script, from its next request on.
    public void script(String model, Script script) {
        models.put(model, script);
    }

    /// What a model does: its script, or that of the built-in model of this name.
    public Script model(String name) {
        return models.script(name);
    }

    /// Opens a gate, for those who wait at it and those who will.
    public void open(String gate) {
        gates.open(gate);
    }

    /// The chat requests so far, in the order of their arrival.
    ///
    /// @throws IllegalStateException where nothing is recorded
    public List<Exchange> exchanges() {
        return recording.all();
    }

    /// Waits for a chat request, counted from 0.
    ///
    /// @throws AssertionError where it does not come within the limit
    public Exchange awaitExchange(int index, Duration limit) throws InterruptedException {
        return recording.await(index, limit);
    }

    /// How many connections are open.
    public int connections() {
        return recording.connections();
    }

    @Override
    public void close() {
        listening.close().syncUninterruptibly();
        if (addresses != null) addresses.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Pipeline extends ChannelInitializer<Channel> {
        private final @Nullable SslContext tls;

        Pipeline(@Nullable SslContext tls) {
            this.tls = tls;
        }

        @Override
        protected void initChannel(Channel channel) {
            long number = CONNECTIONS.incrementAndGet();
            recording.connected(1);
            channel.closeFuture().addListener(_ -> recording.connected(-1));
            if (tls == null) http1(channel, number);
            else channel.pipeline().addLast(tls.newHandler(channel.alloc()), new Negotiated(number));
        }
    }

    private final class Negotiated extends ApplicationProtocolNegotiationHandler {
        private final long number;

        Negotiated(long number) {
            super(ApplicationProtocolNames.HTTP_1_1);
            this.number = number;
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) http2(ctx.channel(), number);
            else http1(ctx.channel(), number);
        }

        @Override
        protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close(); // who connects sees why
        }
    }

    private void http1(Channel channel, long number) {
        channel.pipeline().addLast(new HttpRequestDecoder(), new HttpResponseEncoder());
        answering(channel, number);
    }

    private void http2(Channel channel, long number) {
        channel.pipeline()
                .addLast(
                        Http2FrameCodecBuilder.forServer()
                                .encoderIgnoreMaxHeaderListSize(true)
                                .gracefulShutdownTimeoutMillis(0)
                                .build(),
                        new Http2MultiplexHandler(new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel stream) {
                                stream.pipeline()
                                        .addLast(new Http2StreamFrameToHttpObjectCodec(true), new Http1AsFrames());
                                answering(stream, number);
                            }
                        }));
    }

    private void answering(Channel channel, long number) {
        channel.pipeline()
                .addLast(
                        new HttpObjectAggregator(MAX_BODY),
                        new SimulatedConnection(models, recording, gates, meters, key, () -> Page.of(this), number));
    }
}
