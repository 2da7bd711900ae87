package dev.freshet.gateway.http;

import dev.freshet.gateway.net.Loop;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One stream of an HTTP/2 connection, which carries one request. A client that leaves resets it, or closes the
/// connection. Owned by the channel's event loop.
final class HttpStream extends ClientChannel {
    /// How long a body that is of no use may still come, so that its client sees the answer first.
    private static final Duration LINGER = Duration.ofSeconds(2);

    private @Nullable Serving serving;
    private Loop.@Nullable Timer linger;
    private Loop.@Nullable Timer writeDeadline;
    private boolean ended;

    HttpStream(Server server) {
        super(server);
    }

    @Override
    @Nullable
    Serving current() {
        return serving;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof HttpRequest head) begin(ctx, head);
            if (message instanceof HttpContent content && serving != null) serving.content(content);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest head) {
        ChannelHandlerContext codec =
                Objects.requireNonNull(ctx.pipeline().context(Http2StreamFrameToHttpObjectCodec.class));
        serving = new Serving(server, ctx, codec, head, () -> ended(ctx));
        serving.begin(head);
    }

    /// The stream closes by itself when the client has sent and taken all.
    private void ended(ChannelHandlerContext ctx) {
        ended = true;
        unwritable(ctx);
        if (serving == null || serving.bodyEnded()) return;
        serving.drop();
        // RFC 9113, 8.1: this asks to stop sending, and does not take the answer back.
        linger = server.loop().after(LINGER, () -> ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR)));
    }

    /// What is left of an answer has one limit, however it trickles.
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ended) return;
        if (writeDeadline != null) writeDeadline.cancel();
        super.channelWritabilityChanged(ctx);
    }

    @Override
    void unwritable(ChannelHandlerContext ctx) {
        if (writeDeadline != null) writeDeadline.cancel();
        writeDeadline = server.loop().after(server.limits().writeTimeout(), () -> letGo(ctx));
    }

    /// Who reads a stream can come back. Netty sends no reset where the answer's end waits to be sent, and would
    /// keep what waits.
    private static void letGo(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
        ctx.close();
    }

    /// What is wrong with its frames is said to the client. Netty leaves that out where the answer's end waits to
    /// be sent.
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed(cause);
        if (cause instanceof Http2Exception wrong) ctx.writeAndFlush(new DefaultHttp2ResetFrame(wrong.error()));
        else ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (linger != null) linger.cancel();
        if (writeDeadline != null) writeDeadline.cancel();
        super.channelInactive(ctx);
    }
}
