package dev.freshet.gateway.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a connection of HTTP/1.1 and a stream of HTTP/2 have in common: a client that takes no more is watched,
/// and what fails is closed. Owned by the channel's event loop.
abstract class ClientChannel extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ClientChannel.class);

    final Server server;

    ClientChannel(Server server) {
        this.server = server;
    }

    /// The request that is being served; null where there is none.
    abstract @Nullable Serving current();

    /// The client takes no more at the moment: begins to watch whether that stays so.
    abstract void unwritable(ChannelHandlerContext ctx);

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Serving serving = current();
        if (!ctx.channel().isWritable()) unwritable(ctx);
        else if (serving != null) serving.response().writable();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Serving serving = current();
        if (serving != null) serving.left();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed(cause);
        ctx.close();
    }

    /// Says what a client's connection failed by; it is our fault only where it is none of the known ones.
    static void failed(Throwable cause) {
        boolean theirs = cause instanceof IOException
                || cause instanceof Http2Exception
                || (cause instanceof DecoderException && cause.getCause() instanceof SSLException);
        if (theirs) LOG.debug("a client's connection failed: {}", cause.toString());
        else LOG.error("a fault on a client's connection", cause);
    }
}
