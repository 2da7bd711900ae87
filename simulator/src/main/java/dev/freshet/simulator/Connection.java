package dev.freshet.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;

/// What an answer is written to: a connection of HTTP/1.1, or a stream of HTTP/2. Owned by its event loop.
final class Connection {
    private static final int GOAWAY = 7;
    private static final int GOAWAY_LENGTH = 8;

    private final ChannelHandlerContext ctx;

    Connection(ChannelHandlerContext ctx) {
        this.ctx = ctx;
    }

    private boolean http2() {
        return ctx.channel() instanceof Http2StreamChannel;
    }

    /// Whether more can be written now. A stream that was reset says so too, while what waited for it is thrown away.
    boolean writable() {
        boolean open = !(ctx.channel() instanceof Http2StreamChannel stream)
                || stream.stream().state().localSideOpen();
        return open && ctx.channel().isWritable();
    }

    private Channel socket() {
        return http2() ? ctx.channel().parent() : ctx.channel();
    }

    /// Past HTTP/1.1's encoder, but not past TLS: the bytes go out as they are.
    void send(byte[] bytes) {
        ByteBuf sent = Unpooled.wrappedBuffer(bytes);
        if (http2()) ctx.writeAndFlush(sent);
        else ctx.pipeline().context(HttpRequestDecoder.class).writeAndFlush(sent);
    }

    /// HTTP/2's frames wait until all that was read is looked at.
    private void flush() {
        if (http2()) socket().flush();
    }

    /// Past TLS, which would say that it closes.
    void drop() {
        flush();
        socket().pipeline().firstContext().close();
    }

    void reset() {
        socket().config().setOption(ChannelOption.SO_LINGER, 0);
        drop();
    }

    /// Nothing is read any more, nor answered: HTTP/2's codec would answer by itself.
    void vanish() {
        flush();
        socket().config().setAutoRead(false);
        if (http2()) socket().pipeline().addFirst(new Deaf());
    }

    private static final class Deaf extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext below, Object bytes) {
            ReferenceCountUtil.release(bytes);
        }

        @Override
        public void write(ChannelHandlerContext below, Object bytes, ChannelPromise promise) {
            ReferenceCountUtil.release(bytes);
            promise.trySuccess();
        }
    }

    void goAway() {
        if (http2()) goAway(Integer.MAX_VALUE);
    }

    void refuse(boolean goingAway) {
        if (!http2()) ctx.close();
        else if (goingAway) goAway(0);
        else ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.REFUSED_STREAM));
    }

    /// Whether the stream has had all of its answer, after which it closes by itself.
    boolean answered() {
        return http2() && ctx.pipeline().get(Http1AsFrames.class).ended();
    }

    void abort() {
        flush();
        if (http2()) ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
        else reset();
    }

    /// Written past the codec, which would not leave out a stream that it knows.
    private void goAway(int lastStream) {
        ByteBuf frame = ctx.alloc()
                .buffer()
                .writeMedium(GOAWAY_LENGTH)
                .writeByte(GOAWAY)
                .writeByte(0)
                .writeInt(0)
                .writeInt(lastStream)
                .writeInt(0);
        socket().pipeline().context(Http2FrameCodec.class).writeAndFlush(frame);
    }
}
