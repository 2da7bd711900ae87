package dev.freshet.gateway.http;

import dev.freshet.gateway.dialect.openai.Errors;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.stream.Cursor;
import dev.freshet.gateway.stream.Reading;
import dev.freshet.gateway.stream.StreamLog;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// `GET /v1/streams/{id}/events`: a stream from a cursor on, then live. On the connection's loop.
///
/// The cursor is `Last-Event-ID`, else `?last_event_id=`, else the start: an EventSource that reconnects
/// repeats the address that it was made with, beside a fresh header.
final class EventsRoute implements Route {
    /// The id that an error inside the stream has, so that a browser that comes back with it is told to stop.
    private static final String GONE = "gone";

    private final StreamAccess streams;
    private final AtomicInteger readers;
    private final int maxReaders;

    /// @param readers how many read now, in the whole gateway
    EventsRoute(StreamAccess streams, AtomicInteger readers, int maxReaders) {
        this.streams = streams;
        this.readers = readers;
        this.maxReaders = maxReaders;
    }

    @Override
    public Role role() {
        return Role.KEY_OR_READ_TOKEN;
    }

    @Override
    public void serve(Request request, byte[] body, Response response) {
        String cursor = cursor(request);
        if (cursor.equals(GONE)) {
            response.empty();
            return;
        }
        Cursor from = cursor.isEmpty() ? Cursor.START : Cursor.parse(cursor);
        if (from == null) {
            refuse(request, response, Cursor.malformed());
            return;
        }
        streams.findToRead(request, new StreamAccess.Found() {
            @Override
            public void log(StreamLog log) {
                if (!response.over()) read(request, response, log, from);
            }

            @Override
            public void failure(Failure failure) {
                refuse(request, response, failure);
            }
        });
    }

    private static String cursor(Request request) {
        String header = request.header("Last-Event-ID");
        if (header != null) return header.strip();
        String parameter = request.parameter("last_event_id");
        return parameter == null ? "" : parameter.strip();
    }

    private void read(Request request, Response response, StreamLog log, Cursor from) {
        Failure refusal = from.refusal(log);
        boolean ended = log.ended();
        if (refusal != null) {
            refuse(request, response, refusal);
        } else if (ended && from.number() == log.readable()) {
            response.empty();
        } else if (request.method().equals(HttpMethod.HEAD)) {
            response.whole(200, "text/event-stream", new byte[0]);
        } else if (readers.get() >= maxReaders
                || log.audience().get() >= streams.limits().readersPerStream()) {
            refuse(request, response, tooMany());
        } else {
            follow(request, response, log, from);
        }
    }

    private void follow(Request request, Response response, StreamLog log, Cursor from) {
        readers.incrementAndGet();
        log.audience().incrementAndGet();
        response.header("Freshet-Stream", log.id().value());
        boolean merge = "1".equals(request.parameter("merge"));
        EventStream events = response.events(log.after(from.number()), new NumberedFraming(log, merge), () -> {});
        Reading reading = log.join(streams.loop(), events);
        response.onEnd(() -> {
            readers.decrementAndGet();
            log.audience().decrementAndGet();
            reading.leave();
        });
        events.appended();
    }

    private static Failure tooMany() {
        return Failure.of(
                        FailureCode.OVERLOADED,
                        "Too many read this stream, or all streams (limits.readers_per_stream, limits.readers); try"
                                + " again in a moment.")
                .withRetryAfter(Duration.ofSeconds(1))
                .asRetryable();
    }

    /// A page cannot read the status of its EventSource's request, so it may ask for the error as an event.
    private static void refuse(Request request, Response response, Failure failure) {
        if (!"inband".equals(request.parameter("errors"))) {
            response.fail(failure);
            return;
        }
        String error = new String(Errors.event(failure, null), StandardCharsets.UTF_8);
        String event = "event: stream.error\nid: " + GONE + "\ndata: " + error + "\n\n";
        response.header("Cache-Control", "no-cache, no-transform");
        response.whole(200, "text/event-stream", event.getBytes(StandardCharsets.UTF_8));
    }
}
