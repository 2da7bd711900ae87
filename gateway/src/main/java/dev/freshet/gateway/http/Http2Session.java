package dev.freshet.gateway.http;

import dev.freshet.gateway.net.Loop;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;

/// One client's connection of HTTP/2, below its streams ([HttpStream]): it closes what rests for long, what has
/// vanished, and what floods. It stands between the frames' codec and the streams. Owned by the channel's loop.
///
/// A client that sends a head in pieces for ever can send nothing between them (RFC 9113, 6.10), so that it
/// cannot answer a PING either: one rule finds it, and a client that has vanished.
final class Http2Session extends ChannelInboundHandlerAdapter {
    /// More frames that ask for an answer and carry nothing are no client's that means well, in one heartbeat.
    private static final int MAX_CONTROL_FRAMES = 1_000;

    private final Server server;
    private final Http2FrameCodec codec;
    private Loop.@Nullable Timer timer;
    private boolean begun;
    private boolean heard;
    private boolean draining;
    private boolean lingering;
    private int controlFrames;
    private long pingedNanos = -1;
    private long restingSinceNanos;

    Http2Session(Server server, Http2FrameCodec codec) {
        this.server = server;
        this.codec = codec;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        restingSinceNanos = server.loop().nanoTime();
        codec.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamRemoved(Http2Stream stream) {
                if (draining && codec.connection().numActiveStreams() == 0)
                    ctx.executor().execute(() -> linger(ctx));
            }
        });
        timer = server.loop().after(server.limits().headTimeout(), () -> {
            if (begun) look(ctx);
            else ctx.close();
        });
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
        begun = true;
        heard = true;
        switch (frame) {
            case Http2PingFrame ping when ping.ack() -> pingedNanos = -1;
            case Http2PingFrame _, Http2SettingsFrame _ -> controlFrames++;
            default -> {}
        }
        if (controlFrames > MAX_CONTROL_FRAMES) flooded(ctx);
        ctx.fireChannelRead(frame);
    }

    private static void flooded(ChannelHandlerContext ctx) {
        if (!ctx.channel().isActive()) return;
        ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.ENHANCE_YOUR_CALM));
        ctx.close();
    }

    /// Each heartbeat.
    private void look(ChannelHandlerContext ctx) {
        long now = server.loop().nanoTime();
        if (codec.connection().numActiveStreams() > 0) restingSinceNanos = now;
        boolean rested = now - restingSinceNanos > (draining ? 0 : HttpConnection.KEEP_ALIVE.toNanos());
        boolean dead = pingedNanos >= 0
                && now - pingedNanos > server.limits().writeTimeout().toNanos();
        if (rested || dead) {
            ctx.close();
            return;
        }
        if (!heard && pingedNanos < 0) {
            pingedNanos = now;
            ctx.writeAndFlush(new DefaultHttp2PingFrame(now));
        }
        heard = false;
        controlFrames = 0;
        timer = server.loop().after(server.limits().heartbeat(), () -> look(ctx));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // HTTP/2 knows no half of a connection.
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) ctx.close();
        if (event == Drain.NOW) drain(ctx);
        ctx.fireUserEventTriggered(event);
    }

    /// The client may finish what it has begun, and should begin nothing more here (RFC 9113, 6.8).
    private void drain(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(Integer.MAX_VALUE));
        server.loop().after(Drain.NOTICE, () -> {
            draining = true;
            if (codec.connection().numActiveStreams() == 0) linger(ctx);
        });
    }

    /// Nothing more is begun or answered. The connection is still read, so that the client sees the end of its answers
    /// and not a reset.
    private void linger(ChannelHandlerContext ctx) {
        if (lingering || !ctx.channel().isActive()) return;
        lingering = true;
        if (timer != null) timer.cancel();
        ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
        HttpConnection.shutOutput(ctx);
        timer = server.loop().after(HttpConnection.LINGER, ctx::close);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        if (timer != null) timer.cancel();
        super.channelInactive(ctx);
    }

    /// A stream's are for the stream; after others that are the client's fault the codec says why, and closes.
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof Http2FrameStreamException) {
            ctx.fireExceptionCaught(cause);
            return;
        }
        ClientChannel.failed(cause);
        if (!(cause instanceof Http2Exception)) ctx.close();
    }
}
