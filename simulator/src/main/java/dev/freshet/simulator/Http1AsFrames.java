package dev.freshet.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/// Lets scripts, which write HTTP/1.1, answer on a stream of HTTP/2: what they write is read as a client of
/// HTTP/1.1 would read it, and goes on as frames, piece by piece. Owned by the stream's event loop.
final class Http1AsFrames extends ChannelOutboundHandlerAdapter {
    private static final int LARGE = 1 << 20;

    private final EmbeddedChannel reader =
            new EmbeddedChannel(new HttpResponseDecoder(new HttpDecoderConfig().setMaxHeaderSize(LARGE)));
    private boolean interim;
    private boolean ended;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf bytes) {
            reader.writeInbound(bytes);
            pass(ctx);
            promise.trySuccess();
        } else {
            ctx.write(message, promise);
        }
    }

    /// Whether all of an answer was written.
    boolean ended() {
        return ended;
    }

    private void pass(ChannelHandlerContext ctx) {
        for (Object read = reader.readInbound(); read != null; read = reader.readInbound()) {
            HttpObject part = (HttpObject) read;
            if (ended || part.decoderResult().isFailure()) ReferenceCountUtil.release(part);
            else pass(ctx, part);
        }
    }

    private void pass(ChannelHandlerContext ctx, HttpObject part) {
        if (part instanceof HttpResponse head) {
            interim = head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            if (!interim) ctx.write(head);
            else
                ctx.write(new DefaultFullHttpResponse(
                        head.protocolVersion(), head.status(), reader.alloc().buffer(0)));
        } else if (!interim) {
            ended = part instanceof LastHttpContent;
            ctx.write(part);
        }
    }

    /// The end of the connection may be the end of the answer, as in HTTP/1.0; else it is one here too.
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        boolean before = ended;
        if (reader.isOpen()) reader.finish();
        pass(ctx);
        ctx.flush();
        if (ended && !before) promise.trySuccess();
        else ctx.channel().parent().close(promise);
    }
}
