package dev.freshet.gateway;

import dev.freshet.sse.SseDecoder;
import dev.freshet.sse.SseEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A client of event streams, one request to a connection, which can be cut anywhere. Headers are lines with a name
/// and a value each.
final class EventClient implements AutoCloseable {
    private static final int LIMIT_MILLIS = 30_000;
    private static final int SMALL = 4096;
    private static final String CHAT = "/v1/chat/completions";

    private final Conversation conversation;
    private final SseDecoder decoder = new SseDecoder(1 << 22, 1 << 22);
    private final Queue<Event> events = new ArrayDeque<>();
    private boolean complete;

    /// An event; its type is `message` where it names none.
    record Event(String id, String type, String data) {
        static Event of(SseEvent event) {
            return new Event(event.lastEventId(), event.type(), event.data());
        }

        /// The number in the id.
        long number() {
            return Long.parseLong(id.substring(id.indexOf('-') + 1));
        }
    }

    private EventClient(Conversation conversation) {
        this.conversation = conversation;
    }

    /// @param room for what is not read, in bytes; 0 for much
    private static EventClient ask(
            Front front,
            InetSocketAddress address,
            String method,
            String path,
            String[] headers,
            @Nullable String body,
            int room)
            throws IOException {
        if (front == Front.HTTP_2)
            return new EventClient(new Http2Conversation(address, method, path, headers, body, room));
        String length = body == null ? "" : "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n";
        String request = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n") + length + "\r\n"
                + (body == null ? "" : body);
        Socket socket = front.secured() ? Tls.trusting().getSocketFactory().createSocket() : new Socket();
        return new EventClient(new Http1Conversation(socket, address, request, room));
    }

    private static String[] json(String... headers) {
        return Stream.concat(Stream.of("Content-Type: application/json"), Stream.of(headers))
                .toArray(String[]::new);
    }

    static EventClient post(InetSocketAddress address, String body, String... headers) throws IOException {
        return post(Front.HTTP_1_1, address, body, headers);
    }

    static EventClient post(Front front, InetSocketAddress address, String body, String... headers) throws IOException {
        return ask(front, address, "POST", CHAT, json(headers), body, 0);
    }

    /// A client that has room for little that it does not read.
    static EventClient smallPost(InetSocketAddress address, String body, String... headers) throws IOException {
        return smallPost(Front.HTTP_1_1, address, body, headers);
    }

    static EventClient smallPost(Front front, InetSocketAddress address, String body, String... headers)
            throws IOException {
        return ask(front, address, "POST", CHAT, json(headers), body, SMALL);
    }

    static EventClient get(InetSocketAddress address, String path, String... headers) throws IOException {
        return get(Front.HTTP_1_1, address, path, headers);
    }

    static EventClient get(Front front, InetSocketAddress address, String path, String... headers) throws IOException {
        return ask(front, address, "GET", path, headers, null, 0);
    }

    static EventClient send(InetSocketAddress address, String method, String path, String... headers)
            throws IOException {
        return ask(Front.HTTP_1_1, address, method, path, headers, null, 0);
    }

    /// A client that has room for little that it does not read.
    static EventClient small(InetSocketAddress address, String path) throws IOException {
        return ask(Front.HTTP_1_1, address, "GET", path, new String[0], null, SMALL);
    }

    int status() {
        return conversation.status();
    }

    String header(String name) {
        return conversation.header(name);
    }

    /// The id of the stream.
    String stream() {
        return header("Freshet-Stream");
    }

    /// All of the body, as text.
    String body() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] piece = conversation.piece(); piece != null; piece = conversation.piece()) all.writeBytes(piece);
        return all.toString(StandardCharsets.UTF_8);
    }

    /// The next event; null at the body's end.
    ///
    /// @throws IOException where the connection ends before the body
    @Nullable
    Event next() throws IOException {
        while (events.isEmpty() && !complete) read();
        return events.poll();
    }

    /// The next event, where one comes in time; else null.
    @Nullable
    Event next(Duration limit) throws IOException {
        conversation.limit(Math.toIntExact(limit.toMillis()));
        try {
            return next();
        } catch (SocketTimeoutException e) {
            return null;
        } finally {
            conversation.limit(LIMIT_MILLIS);
        }
    }

    /// All events up to the body's end.
    List<Event> rest() throws IOException {
        List<Event> all = new ArrayList<>();
        for (Event event = next(); event != null; event = next()) all.add(event);
        return all;
    }

    private void read() throws IOException {
        byte[] piece = conversation.piece();
        complete = piece == null;
        if (piece == null) return;
        for (SseEvent event : decoder.feed(piece)) events.add(Event.of(event));
    }

    /// The events of a whole body.
    static List<Event> decoded(byte[] body) {
        List<Event> all = new ArrayList<>();
        for (SseEvent event : new SseDecoder(1 << 22, 1 << 22).feed(body)) all.add(Event.of(event));
        return all;
    }

    /// Waits, without reading, until the other side has reset the answer. What came before that can no longer be
    /// read.
    boolean endsWithReset() throws IOException {
        return conversation.endsWithReset();
    }

    /// Ends it with a reset, as a network that fails does.
    void reset() throws IOException {
        conversation.reset();
    }

    @Override
    public void close() throws IOException {
        conversation.close();
    }
}
