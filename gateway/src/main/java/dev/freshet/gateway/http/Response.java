package dev.freshet.gateway.http;

import dev.freshet.gateway.dialect.openai.Errors;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.net.Frames;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.stream.LogCursor;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The answer to one request: a whole body, or an event stream. Owned by the connection's event loop.
///
/// Every response carries `x-request-id`, and what the origin policy added.
final class Response {
    private final ChannelHandlerContext ctx;
    private final Frames frames;
    private final Loop loop;
    private final Request request;
    private final Duration heartbeat;
    private final Runnable finished;
    private final HttpHeaders extra;
    private boolean headSent;
    private boolean closing;
    private boolean over;
    private Loop.@Nullable Timer heart;
    private Runnable headed = () -> {};
    private Runnable leave = () -> {};
    private Runnable ending = () -> {};
    private Runnable touch = () -> {};
    private Runnable writable = () -> {};

    /// @param frames that write an event stream
    /// @param extra headers for whatever the answer is
    /// @param finished run when the last byte was handed to the socket
    Response(
            ChannelHandlerContext ctx,
            Frames frames,
            Server server,
            Request request,
            HttpHeaders extra,
            Runnable finished) {
        this.ctx = ctx;
        this.frames = frames;
        loop = server.loop();
        this.request = request;
        this.extra = extra;
        heartbeat = server.limits().heartbeat();
        this.finished = finished;
        closing = !request.keepAlive();
    }

    /// What to do when the answer begins.
    void onHead(Runnable action) {
        headed = action;
    }

    /// What to do when the client goes before the answer is over.
    void onLeave(Runnable action) {
        leave = action;
    }

    void clientLeft() {
        if (over) return;
        beOver();
        leave.run();
    }

    /// What to do when the answer is over, however it ended.
    void onEnd(Runnable action) {
        ending = action;
    }

    /// The client has shut its sending side, which a client that has left does as well.
    void halfClosed() {
        touch.run();
    }

    /// The socket takes more again.
    void writable() {
        writable.run();
    }

    boolean headSent() {
        return headSent;
    }

    boolean over() {
        return over;
    }

    /// Makes this the connection's last answer.
    void closeAfter() {
        closing = true;
    }

    boolean closing() {
        return closing;
    }

    /// Runs a task on the connection's loop: for answers that are made elsewhere.
    void onLoop(Runnable task) {
        ctx.executor().execute(task);
    }

    void json(int status, byte[] body) {
        whole(status, "application/json", body);
    }

    void whole(int status, String contentType, byte[] body) {
        if (over) return;
        boolean headOnly = request.method().equals(HttpMethod.HEAD);
        DefaultFullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(status),
                headOnly ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body));
        if (status != 204 && status != 304) {
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        }
        head(response);
        ctx.writeAndFlush(response);
        end();
    }

    /// A 204, which tells an EventSource to come back no more.
    void empty() {
        whole(204, "", new byte[0]);
    }

    /// A 304: what the client has is still good.
    void unchanged() {
        whole(304, "", new byte[0]);
    }

    void fail(Failure failure) {
        if (over) return;
        Duration wait = failure.retryAfter();
        if (wait != null) header("Retry-After", String.valueOf(Math.max(1, (wait.toMillis() + 999) / 1000)));
        if (failure.notToBeRepeated()) header("x-should-retry", "false");
        if (failure.code() == FailureCode.INVALID_API_KEY) header("WWW-Authenticate", "Bearer"); // RFC 6750, 3
        json(failure.status(), Errors.body(failure));
    }

    /// A header for the answer, whatever it will be.
    void header(String name, String value) {
        extra.set(name, value);
    }

    /// Begins an event stream: the head is written, and leaves with the first flush.
    ///
    /// @param cursor behind what the client has read
    /// @param ended run once, when the last byte was written
    EventStream events(LogCursor cursor, Framing framing, Runnable ended) {
        DefaultHttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        HttpHeaders headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
        headers.set(HttpHeaderNames.CACHE_CONTROL, "no-cache, no-transform");
        headers.set("X-Accel-Buffering", "no");
        switch (request.protocol()) {
            case HTTP_1_0 -> closing = true;
            case HTTP_1_1 -> headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            case HTTP_2 -> {}
        }
        head(response);
        ctx.write(response, ctx.voidPromise());
        extra.clear();
        request.forgetHeaders();
        EventStream events = new EventStream(cursor, framing, frames, loop, () -> {
            ended.run();
            end();
        });
        touch = events::touch;
        writable = events::appended;
        beat(events, heartbeat);
        return events;
    }

    /// A comment between events, when there was nothing else for a while. One timer serves a stream: it is
    /// not set anew with each write, but looks, when it fires, when the last one was.
    private void beat(EventStream events, Duration delay) {
        heart = loop.after(delay, () -> {
            Duration left = heartbeat.minusNanos(events.silentNanos());
            if (!left.isPositive()) events.touch();
            beat(events, left.isPositive() ? left : heartbeat);
        });
    }

    private void beOver() {
        over = true;
        if (heart != null) heart.cancel();
        ending.run();
    }

    private void head(HttpResponse response) {
        headSent = true;
        headed.run();
        response.headers().add(extra);
        if (closing) response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }

    private void end() {
        beOver();
        finished.run();
    }
}
