package dev.freshet.gateway.http;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.net.Loop;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection. It serves one request at a time but reads on meanwhile, because only so a client
/// that leaves is seen; what arrives early waits, bounded. Owned by the channel's event loop.
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(75);
    /// How long a connection that is being closed is still read, so that its client sees the answer and not a
    /// reset.
    private static final Duration LINGER = Duration.ofSeconds(2);
    /// A client that was gone resets on the first byte; the write after that shows it.
    private static final List<Duration> MORE_TOUCHES =
            List.of(Duration.ofMillis(2), Duration.ofMillis(10), Duration.ofMillis(40));
    private static final int MAX_EARLY = 64;
    /// One read can bring more than may wait: a head takes 30 bytes there, and a kilobyte here.
    private static final int TOO_EARLY = 256;

    private static final int FIRST_BODY = 1024;

    private final Server server;
    private final Queue<HttpObject> early = new ArrayDeque<>(0);
    private @Nullable Exchanging current;
    private boolean lingering;
    private Loop.@Nullable Timer deadline;
    private Loop.@Nullable Timer headDeadline; // of a head that has begun
    private final WriteLimit writing;

    HttpConnection(Server server) {
        this.server = server;
        writing = new WriteLimit(server.loop(), server.limits().writeTimeout(), HttpConnection::letGo);
    }

    /// A request that is being served.
    private static final class Exchanging {
        final Request request;
        final Response response;

        @Nullable
        Route route;

        @Nullable
        ByteArrayOutputStream body;

        boolean bodyEnded;

        Exchanging(Request request, Response response) {
            this.request = request;
            this.response = response;
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        deadline(server.limits().headTimeout(), ctx::close);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        HttpObject part = (HttpObject) message;
        if (part instanceof HttpRequest) cancelHeadDeadline();
        if (lingering) {
            ReferenceCountUtil.release(part);
        } else if (current == null || !current.bodyEnded) {
            take(ctx, part);
        } else {
            early.add(part);
            if (early.size() > MAX_EARLY) ctx.channel().config().setAutoRead(false);
            if (early.size() > TOO_EARLY) tooEarly(ctx);
        }
    }

    private void tooEarly(ChannelHandlerContext ctx) {
        LOG.debug("a client that sent more requests than may wait is let go");
        lingering = true;
        dropEarly();
        ctx.close();
    }

    private void take(ChannelHandlerContext ctx, HttpObject part) {
        try {
            if (part instanceof HttpRequest head) begin(ctx, head);
            if (part instanceof HttpContent content && current != null) content(ctx, current, content);
        } finally {
            ReferenceCountUtil.release(part);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest head) {
        cancelDeadline();
        Request request = Request.of(head, ctx.channel().remoteAddress(), server.callers());
        HttpHeaders extra = new DefaultHttpHeaders().set("x-request-id", requestId());
        server.origins().expose(request, extra);
        ChannelHandlerContext codec = Objects.requireNonNull(ctx.pipeline().context(HttpResponseEncoder.class));
        Duration heartbeat = server.limits().heartbeat();
        Response response =
                new Response(ctx, codec, server.loop(), request, extra, heartbeat, () -> responseEnded(ctx));
        Exchanging serving = new Exchanging(request, response);
        current = serving;
        Failure refusal = server.refusal(request, head);
        if (refusal != null) refuse(serving, refusal);
        else if (request.method().equals(HttpMethod.OPTIONS)) preflight(serving, extra);
        else awaitBody(ctx, serving);
    }

    /// A name to find a request in logs by; unlike a stream's it opens nothing, so it need not be unguessable.
    private static String requestId() {
        return "req-" + Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
    }

    private void preflight(Exchanging serving, HttpHeaders extra) {
        String allowed = server.routes().allowed(serving.request.path());
        serving.response.header("Allow", allowed);
        server.origins().preflight(serving.request, allowed, extra);
        serving.response.whole(204, "", new byte[0]);
    }

    private void refuse(Exchanging serving, Failure failure) {
        serving.response.closeAfter();
        String allowed = server.routes().allowed(serving.request.path());
        if (failure.status() == 405) serving.response.header("Allow", allowed);
        serving.response.fail(failure);
    }

    private void awaitBody(ChannelHandlerContext ctx, Exchanging serving) {
        serving.route = server.routes().find(serving.request);
        serving.body = new ByteArrayOutputStream(FIRST_BODY);
        boolean asks = serving.request.headers().contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true);
        if (asks && !serving.request.http10()) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        }
        deadline(server.limits().bodyTimeout(), () -> refuse(serving, bodyOverdue()));
    }

    private Failure bodyOverdue() {
        return Failure.invalid(
                        "The body did not come within "
                                + server.limits().bodyTimeout().toSeconds() + " s; send it faster.",
                        null)
                .withStatus(408);
    }

    private void content(ChannelHandlerContext ctx, Exchanging serving, HttpContent content) {
        if (serving.body != null) collect(serving, serving.body, content);
        if (!(content instanceof LastHttpContent)) return;
        serving.bodyEnded = true;
        if (serving.body != null) serve(serving, serving.body.toByteArray());
        else if (serving.response.over()) next(ctx);
    }

    private void collect(Exchanging serving, ByteArrayOutputStream body, HttpContent content) {
        int limit = serving.route == null ? 0 : serving.route.maxBody();
        int length = content.content().readableBytes();
        if (content.decoderResult().isFailure()) {
            serving.body = null;
            refuse(serving, brokenBody(content.decoderResult().cause()));
        } else if (body.size() + length > limit) {
            serving.body = null;
            refuse(serving, Server.tooLarge(limit));
        } else if (length > 0) {
            try {
                content.content().readBytes(body, length);
            } catch (IOException e) {
                throw new AssertionError("memory does not fail", e);
            }
        }
    }

    private static Failure brokenBody(Throwable cause) {
        if (cause instanceof MalformedRequestException) return Server.malformed(cause);
        return Failure.invalid(
                "The body's framing is broken: each chunk is its size in hexadecimal digits, CR LF, so many bytes, CR"
                        + " LF (RFC 9112, 7.1); check what sends it.",
                null);
    }

    private void serve(Exchanging serving, byte[] body) {
        cancelDeadline();
        serving.body = null;
        Objects.requireNonNull(serving.route).serve(serving.request, body, serving.response);
    }

    private void responseEnded(ChannelHandlerContext ctx) {
        if (current == null) return;
        current.body = null;
        writing.watch(ctx);
        if (current.response.closing()) linger(ctx);
        else if (current.bodyEnded) next(ctx);
    }

    private void next(ChannelHandlerContext ctx) {
        if (lingering) return;
        current = null;
        if (early.isEmpty()) {
            deadline(KEEP_ALIVE, ctx::close);
            return;
        }
        // What waits is taken after this answer's own code has returned.
        ctx.executor().execute(() -> takeEarly(ctx));
    }

    private void takeEarly(ChannelHandlerContext ctx) {
        while (!lingering && (current == null || !current.bodyEnded) && !early.isEmpty()) take(ctx, early.remove());
        if (early.isEmpty()) ctx.channel().config().setAutoRead(true);
    }

    private void linger(ChannelHandlerContext ctx) {
        lingering = true;
        dropEarly();
        ctx.channel().config().setAutoRead(true);
        cancelDeadline();
        // An empty write is done when all before it was; until then the write limit watches.
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> {
            ((DuplexChannel) ctx.channel()).shutdownOutput();
            deadline(LINGER, ctx::close);
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) inputEnded(ctx);
        if (event == StrictRequestDecoder.HEAD_BEGUN) headBegun(ctx);
        ctx.fireUserEventTriggered(event);
    }

    private void headBegun(ChannelHandlerContext ctx) {
        if (current == null && !lingering) cancelDeadline();
        headDeadline = server.loop().after(server.limits().headTimeout(), () -> headOverdue(ctx));
    }

    /// An answer that is under way is not cut for the sake of what follows it.
    private void headOverdue(ChannelHandlerContext ctx) {
        if (current == null) ctx.close();
        else current.response.closeAfter();
    }

    /// The client's side of the connection is shut: it has left, or it only has nothing more to send. Before
    /// the answer's head that is leaving.
    private void inputEnded(ChannelHandlerContext ctx) {
        Exchanging serving = current;
        if (serving == null || lingering || !serving.bodyEnded || !serving.response.headSent()) {
            ctx.close();
            return;
        }
        serving.response.closeAfter();
        serving.response.halfClosed();
        for (Duration later : MORE_TOUCHES) server.loop().after(later, serving.response::halfClosed);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cancelDeadline();
        cancelHeadDeadline();
        writing.cancel();
        dropEarly();
        if (current != null) current.response.clientLeft();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        // Not at once: this comes in the middle of a write, into which no other may be put.
        if (!ctx.channel().isWritable()) ctx.executor().execute(() -> writing.watch(ctx));
        else if (current != null) current.response.writable();
    }

    /// The client takes nothing of what waits for it: who reads a stream can come back.
    private static void letGo(ChannelHandlerContext ctx) {
        LOG.debug("a client that did not read is let go");
        ((SocketChannel) ctx.channel()).config().setSoLinger(0); // what waits would hold the connection otherwise
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException) LOG.debug("a client's connection failed: {}", cause.toString());
        else LOG.error("a fault on a client's connection", cause);
        ctx.close();
    }

    private void dropEarly() {
        early.forEach(ReferenceCountUtil::release);
        early.clear();
    }

    private void deadline(Duration limit, Runnable action) {
        cancelDeadline();
        deadline = server.loop().after(limit, action);
    }

    private void cancelHeadDeadline() {
        if (headDeadline != null) headDeadline.cancel();
        headDeadline = null;
    }

    private void cancelDeadline() {
        if (deadline != null) deadline.cancel();
        deadline = null;
    }
}
