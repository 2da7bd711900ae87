package dev.freshet.gateway.http;

import dev.freshet.gateway.net.Loop;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection of HTTP/1.1. It serves one request at a time but reads on meanwhile, because only so
/// a client that leaves is seen; what arrives early waits, bounded. Owned by the channel's event loop.
final class HttpConnection extends ClientChannel {
    static final Duration KEEP_ALIVE = Duration.ofSeconds(75);
    /// How long a connection that is being closed is still read, so that its client sees the answer and not a
    /// reset.
    static final Duration LINGER = Duration.ofSeconds(2);
    /// A client that was gone resets on the first byte; the write after that shows it.
    private static final List<Duration> MORE_TOUCHES =
            List.of(Duration.ofMillis(2), Duration.ofMillis(10), Duration.ofMillis(40));
    private static final int MAX_EARLY = 64;
    /// One read can bring more than may wait: a head takes 30 bytes there, and a kilobyte here.
    private static final int TOO_EARLY = 256;

    private static final Logger LOG = LoggerFactory.getLogger(HttpConnection.class);

    private final Queue<HttpObject> early = new ArrayDeque<>(0);
    private @Nullable Serving current;
    private boolean lingering;
    private Loop.@Nullable Timer deadline;
    private Loop.@Nullable Timer headDeadline; // of a head that has begun
    private final WriteLimit writing;

    HttpConnection(Server server) {
        super(server);
        writing = new WriteLimit(server.loop(), server.limits().writeTimeout(), HttpConnection::letGo);
    }

    @Override
    @Nullable
    Serving current() {
        return current;
    }

    /// With TLS the connection is active before.
    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (ctx.channel().isActive()) channelActive(ctx);
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
        } else if (current == null || !current.bodyEnded()) {
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
            if (part instanceof HttpContent content && current != null) current.content(content);
        } finally {
            ReferenceCountUtil.release(part);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest head) {
        cancelDeadline();
        ChannelHandlerContext codec = Objects.requireNonNull(ctx.pipeline().context(HttpResponseEncoder.class));
        current = new Serving(server, ctx, codec, head, () -> responseEnded(ctx));
        current.begin(head);
    }

    private void responseEnded(ChannelHandlerContext ctx) {
        if (current == null) return;
        current.drop();
        writing.watch(ctx);
        if (current.response().closing()) linger(ctx);
        else if (current.bodyEnded()) next(ctx);
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
        while (!lingering && (current == null || !current.bodyEnded()) && !early.isEmpty()) take(ctx, early.remove());
        if (early.isEmpty()) ctx.channel().config().setAutoRead(true);
    }

    private void linger(ChannelHandlerContext ctx) {
        lingering = true;
        dropEarly();
        ctx.channel().config().setAutoRead(true);
        cancelDeadline();
        // An empty write is done when all before it was; until then the write limit watches.
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> {
            shutOutput(ctx);
            deadline(LINGER, ctx::close);
        });
    }

    /// With TLS its own notice goes first: without it the client would have to take the end for a cut.
    static void shutOutput(ChannelHandlerContext ctx) {
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        DuplexChannel socket = (DuplexChannel) ctx.channel();
        if (tls == null) socket.shutdownOutput();
        else tls.closeOutbound().addListener(_ -> socket.shutdownOutput());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // Nobody who ends TLS reads on, though TLS 1.3 has it so; and what is written from then on is lost unsaid.
        if (event instanceof SslCloseCompletionEvent) ctx.close();
        if (event instanceof ChannelInputShutdownEvent) inputEnded(ctx);
        if (event == Drain.NOW) drain(ctx);
        if (StrictRequestDecoder.HEAD_BEGUN.equals(event)) headBegun(ctx);
        ctx.fireUserEventTriggered(event);
    }

    private void headBegun(ChannelHandlerContext ctx) {
        if (current == null && !lingering) cancelDeadline();
        cancelHeadDeadline();
        headDeadline = server.loop().after(server.limits().headTimeout(), () -> headOverdue(ctx));
    }

    /// An answer that is under way is not cut for the sake of what follows it.
    private void headOverdue(ChannelHandlerContext ctx) {
        if (current == null) ctx.close();
        else current.response().closeAfter();
    }

    private void drain(ChannelHandlerContext ctx) {
        if (current == null) deadline(Drain.NOTICE, ctx::close);
        else current.response().closeAfter();
    }

    /// The client's side of the connection is shut: it has left, or it only has nothing more to send. Before
    /// the answer's head that is leaving.
    private void inputEnded(ChannelHandlerContext ctx) {
        if (current == null
                || lingering
                || !current.bodyEnded()
                || !current.response().headSent()) {
            ctx.close();
            return;
        }
        Response response = current.response();
        response.closeAfter();
        response.halfClosed();
        for (Duration later : MORE_TOUCHES) server.loop().after(later, response::halfClosed);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        cancelDeadline();
        cancelHeadDeadline();
        writing.cancel();
        dropEarly();
        super.channelInactive(ctx);
    }

    /// Not at once: this comes in the middle of a write, into which no other may be put.
    @Override
    void unwritable(ChannelHandlerContext ctx) {
        ctx.executor().execute(() -> writing.watch(ctx));
    }

    /// The client takes nothing of what waits for it: who reads a stream can come back.
    private static void letGo(ChannelHandlerContext ctx) {
        LOG.debug("a client that did not read is let go");
        ((SocketChannel) ctx.channel()).config().setSoLinger(0); // what waits would hold the connection otherwise
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
