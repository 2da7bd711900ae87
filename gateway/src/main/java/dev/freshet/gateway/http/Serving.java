package dev.freshet.gateway.http;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.net.Frames;
import dev.freshet.gateway.net.Loop;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// One request and its answer, over whatever version of HTTP: its head is looked at, its body is collected, and
/// its route serves it. Owned by the connection's event loop.
final class Serving {
    private static final int FIRST_BODY = 1024;

    private final Server server;
    private final ChannelHandlerContext ctx;
    private final Request request;
    private final Response response;
    private final HttpHeaders extra;
    private final Runnable ended;
    private @Nullable Route route;
    private @Nullable ByteArrayOutputStream body;
    private long taken; // of the memory for bodies
    private boolean bodyEnded;
    private Loop.@Nullable Timer bodyDeadline;

    /// @param codec the context of the HTTP codec
    /// @param ended run when the answer's last byte was handed to the socket, and again when the body ends after it
    Serving(Server server, ChannelHandlerContext ctx, ChannelHandlerContext codec, HttpRequest head, Runnable ended) {
        this.server = server;
        this.ctx = ctx;
        this.ended = ended;
        request = Request.of(head, ctx.channel(), server.callers());
        extra = new DefaultHttpHeaders().set("x-request-id", requestId());
        server.origins().expose(request, extra);
        Frames.Form form = request.protocol().frames();
        response = new Response(ctx, new Frames(codec, form), server, request, extra, ended);
        response.onHead(this::giveBack);
        if (server.draining().getAsBoolean()) response.closeAfter();
    }

    /// A name to find a request in logs by; unlike a stream's it opens nothing, so it need not be unguessable.
    private static String requestId() {
        return "req-" + Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), 36);
    }

    /// Answers what is answered without a body, or waits for that.
    void begin(HttpRequest head) {
        Failure refusal = server.refusal(request, head);
        if (refusal != null) refuse(refusal);
        else if (request.method().equals(HttpMethod.OPTIONS)) preflight();
        else awaitBody();
    }

    Response response() {
        return response;
    }

    /// Whether all of the request has come.
    boolean bodyEnded() {
        return bodyEnded;
    }

    private void preflight() {
        String allowed = server.routes().allowed(request.path());
        response.header("Allow", allowed);
        server.origins().preflight(request, allowed, extra);
        response.empty();
    }

    private void refuse(Failure failure) {
        drop();
        response.closeAfter();
        String allowed = server.routes().allowed(request.path());
        if (failure.status() == 405) response.header("Allow", allowed);
        response.fail(failure);
    }

    private void awaitBody() {
        route = server.routes().find(request);
        body = new ByteArrayOutputStream(FIRST_BODY);
        boolean asks = request.headers().contains(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE, true);
        if (asks && request.protocol() != Request.Protocol.HTTP_1_0) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        }
        bodyDeadline = server.loop().after(server.limits().bodyTimeout(), () -> refuse(bodyOverdue()));
    }

    private Failure bodyOverdue() {
        return Failure.invalid(
                        "The body did not come within "
                                + server.limits().bodyTimeout().toSeconds() + " s; send it faster.",
                        null)
                .withStatus(408);
    }

    /// A piece of the body. It is not released.
    void content(HttpContent content) {
        if (body != null) collect(body, content);
        if (!(content instanceof LastHttpContent)) return;
        bodyEnded = true;
        if (body != null) serve(body.toByteArray());
        else if (response.over()) ended.run(); // the answer did not wait for the body's end, but what follows does
    }

    private void collect(ByteArrayOutputStream collected, HttpContent content) {
        int limit = route == null ? 0 : route.maxBody();
        int length = content.content().readableBytes();
        if (content.decoderResult().isFailure()) {
            refuse(brokenBody(content.decoderResult().cause()));
        } else if (collected.size() + length > limit) {
            refuse(Server.tooLarge(limit));
        } else if (!server.bodies().take(length)) {
            refuse(Server.tooManyBodies());
        } else if (length > 0) {
            taken += length;
            try {
                content.content().readBytes(collected, length);
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

    private void serve(byte[] whole) {
        drop();
        Objects.requireNonNull(route).serve(request, whole, response);
    }

    /// Until the answer begins its body is kept, to be sent to whoever is asked next.
    private void giveBack() {
        server.bodies().giveBack(taken);
        taken = 0;
    }

    /// What comes of the body from now on is of no use.
    void drop() {
        body = null;
        if (response.headSent() || response.over()) giveBack();
        if (bodyDeadline != null) bodyDeadline.cancel();
        bodyDeadline = null;
    }

    /// The client has gone.
    void left() {
        response.clientLeft();
        drop();
    }
}
