package dev.freshet.gateway.upstream;

import dev.freshet.gateway.net.Loop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection of HTTP/2 to a provider. It carries many attempts at once, each on a stream of its own, which
/// is an [UpstreamConnection] to it. It stands between the frames' codec and the streams. Owned by one event
/// loop.
final class UpstreamSession extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamSession.class);
    /// Until the provider says how many it takes (RFC 9113, 6.5.2, recommends no fewer).
    private static final int USUAL_STREAMS = 100;
    private static final int MAX_HEAD = 64 << 10;
    private static final int STREAM_WINDOW = 1 << 20;
    /// After a rest like this the network may have forgotten the connection, so that it is tried first.
    private static final Duration LONG_REST = Duration.ofSeconds(10);

    private static final Duration PING_LIMIT = Duration.ofSeconds(5);

    private final ConnectionPool pool;
    private final Origin origin;
    private final Loop loop;
    private final Channel channel;
    private long maxStreams = USUAL_STREAMS;
    private int streams;
    private boolean served;
    private boolean retired;
    private boolean broken;
    private long heardNanos;
    private Loop.@Nullable Timer ping;

    private UpstreamSession(ConnectionPool pool, Origin origin, Loop loop, Channel channel) {
        this.pool = pool;
        this.origin = origin;
        this.loop = loop;
        this.channel = channel;
        heardNanos = loop.nanoTime();
    }

    /// Makes a connection one of HTTP/2.
    static UpstreamSession on(Channel channel, ConnectionPool pool, Origin origin, Loop loop) {
        UpstreamSession session = new UpstreamSession(pool, origin, loop, channel);
        channel.pipeline()
                .addLast(
                        Http2FrameCodecBuilder.forClient()
                                .initialSettings(Http2Settings.defaultSettings()
                                        .pushEnabled(false)
                                        .initialWindowSize(STREAM_WINDOW)
                                        .maxHeaderListSize(MAX_HEAD))
                                .gracefulShutdownTimeoutMillis(0)
                                .build(),
                        session,
                        new Http2MultiplexHandler(new Unasked()));
        pool.add(session);
        return session;
    }

    /// A provider opens no streams.
    private static final class Unasked extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel stream) {
            stream.close();
        }
    }

    Origin origin() {
        return origin;
    }

    /// Whether it takes another attempt.
    boolean hasRoom() {
        return !retired && ping == null && streams < maxStreams && channel.isActive();
    }

    /// Opens a stream.
    void open(Connector.Listener listener) {
        boolean rested = served && streams == 0;
        streams++;
        if (rested && loop.nanoTime() - heardNanos > LONG_REST.toNanos()) tryOut();
        new Http2StreamChannelBootstrap(channel)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel stream) {
                        stream.pipeline()
                                .addLast(
                                        new Http2StreamFrameToHttpObjectCodec(false),
                                        new UpstreamConnection(pool, origin, stream, UpstreamSession.this, rested));
                    }
                })
                .open()
                .addListener((Future<Http2StreamChannel> opened) -> opened(opened, listener));
    }

    private void opened(Future<Http2StreamChannel> opened, Connector.Listener listener) {
        if (!opened.isSuccess()) {
            streamClosed();
            loop.execute(() -> listener.failed(new ClosedChannelException()));
            return;
        }
        Http2StreamChannel stream = opened.getNow();
        stream.closeFuture().addListener(_ -> streamClosed());
        listener.connected(stream.pipeline().get(UpstreamConnection.class));
    }

    private void streamClosed() {
        streams--;
        served = true;
        if (retired && streams == 0) channel.close();
    }

    /// Takes nothing new until the other side has shown that it is there, and closes where it is not.
    void tryOut() {
        if (ping != null) return;
        ping = loop.after(PING_LIMIT, channel::close);
        channel.writeAndFlush(new DefaultHttp2PingFrame(0));
    }

    /// Nothing new is sent over it; what is under way goes on.
    void retire() {
        retired = true;
        pool.remove(this);
        if (streams == 0) channel.close();
    }

    /// Whether the provider sent what is no HTTP/2.
    boolean broken() {
        return broken;
    }

    void close() {
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        heardNanos = loop.nanoTime();
        if (ping != null) ping.cancel();
        ping = null;
        if (frame instanceof Http2SettingsFrame said && said.settings().maxConcurrentStreams() != null)
            maxStreams = said.settings().maxConcurrentStreams();
        if (frame instanceof Http2GoAwayFrame) retire();
        ctx.fireChannelRead(frame);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        if (ping != null) ping.cancel();
        retired = true;
        pool.remove(this);
        super.channelInactive(ctx);
    }

    /// A stream's are for the stream; after others the codec says why, and closes.
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof Http2FrameStreamException) {
            ctx.fireExceptionCaught(cause);
            return;
        }
        LOG.debug("connection to {} failed: {}", origin, cause.toString());
        broken = cause instanceof Http2Exception;
        if (!broken) ctx.close();
    }
}
