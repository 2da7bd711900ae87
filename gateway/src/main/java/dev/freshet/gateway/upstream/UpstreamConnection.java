package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.HttpProxy;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection to a provider: it serves one attempt at a time, and rests in the pool between them. A
/// response that nobody asked for closes it, so that it never reaches the next client. Over HTTP/2 it is one
/// stream of a connection, and serves one attempt in all.
final class UpstreamConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(UpstreamConnection.class);

    private final ConnectionPool pool;
    private final Origin origin;
    private final @Nullable HttpProxy proxy;
    private final Channel channel;
    private final @Nullable UpstreamSession session;
    private @Nullable Attempt attempt;
    private boolean interim;
    private boolean keepAlive;
    private boolean used;
    private boolean abandoned; // what was on its way is nobody's, and no alarm
    private boolean refused;

    /// @param proxy that reads what is sent and passes it on; null where there is none, or only a tunnel
    UpstreamConnection(ConnectionPool pool, Origin origin, @Nullable HttpProxy proxy, Channel channel) {
        this.pool = pool;
        this.origin = origin;
        this.proxy = proxy;
        this.channel = channel;
        session = null;
    }

    /// A stream.
    ///
    /// @param rested whether its connection has served others, and serves none now
    UpstreamConnection(ConnectionPool pool, Origin origin, Channel channel, UpstreamSession session, boolean rested) {
        this.pool = pool;
        this.origin = origin;
        this.channel = channel;
        this.session = session;
        proxy = null;
        used = rested;
    }

    /// Sends a request; what comes back goes to the attempt.
    void send(Call call, Attempt forWhom) {
        attempt = forWhom;
        keepAlive = false;
        channel.writeAndFlush(HttpRequests.chat(call, proxy)).addListener(written -> {
            if (!written.isSuccess() && attempt == forWhom) forWhom.connectionEnded();
        });
    }

    /// Whether the connection has served a request before: then a close without a byte of answer may just be
    /// the server's idle limit.
    boolean used() {
        return used;
    }

    /// Nothing came for too long: it may be the connection that is gone, which others would be sent over.
    void doubt() {
        if (session != null) session.tryOut();
    }

    boolean open() {
        return channel.isActive();
    }

    /// Leaves the attempt alone from now on, and closes the connection, or resets the stream: this is how a
    /// provider is told to stop.
    void abandon() {
        attempt = null;
        abandoned = true;
        channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (abandoned) return;
            if (attempt == null) {
                LOG.warn("{} sent a response that nobody asked for; the connection is closed", origin);
                ctx.close();
            } else if (message instanceof HttpObject part) {
                if (part.decoderResult().isFailure()) attempt.unreadable();
                else read(part, attempt);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void read(HttpObject part, Attempt reader) {
        if (part instanceof HttpResponse response) {
            interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) reader.unreadable();
            if (interim) return;
            keepAlive = HttpUtil.isKeepAlive(response);
            reader.head(response);
            forget(response.headers());
        }
        if (interim || attempt != reader || !(part instanceof HttpContent content)) return;
        if (content.content().isReadable()) reader.content(content.content());
        if (part instanceof LastHttpContent && attempt == reader) end(reader);
    }

    /// Frees the headers, which have been looked at; the body may last for minutes. One is kept: by it the decoder
    /// knows, when the connection ends, that the body was not whole.
    private static void forget(HttpHeaders headers) {
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        headers.clear();
        if (!codings.isEmpty()) headers.set(HttpHeaderNames.TRANSFER_ENCODING, codings);
    }

    private void end(Attempt reader) {
        // Behind a proxy that reads requests each connection serves one: some proxies pass all that follows the first
        // on as it is, the proxy's password included.
        boolean wellEnded = reader.bodyEnded();
        boolean reusable = session == null && wellEnded && keepAlive && channel.isActive() && proxy == null;
        attempt = null;
        used = true;
        if (reusable) pool.put(this);
        else channel.close();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (attempt != null) attempt.readComplete();
    }

    /// A provider that has not begun to work on a request says so by a reset, or by going away (RFC 9113, 8.7).
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        boolean unbegun = event instanceof Http2GoAwayFrame
                || (event instanceof Http2ResetFrame reset && reset.errorCode() == Http2Error.REFUSED_STREAM.code());
        if (unbegun && session != null) {
            refused = true;
            session.retire();
        }
        ReferenceCountUtil.release(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        pool.remove(this);
        Attempt reader = attempt;
        attempt = null;
        if (reader == null) return;
        if (refused) reader.refused();
        else if (session != null && session.broken()) reader.unreadable();
        else reader.connectionEnded();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("connection to {} failed: {}", origin, cause.toString());
        if (cause instanceof Http2Exception && attempt != null) attempt.unreadable();
        else ctx.close();
    }

    void close() {
        channel.close();
    }

    Origin origin() {
        return origin;
    }
}
