package dev.freshet.gateway;

import dev.freshet.sse.SseDecoder;
import dev.freshet.sse.SseEvent;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// A client of event streams, one request to a connection, which can be cut anywhere.
final class EventClient implements AutoCloseable {
    private static final int LIMIT_MILLIS = 30_000;
    private static final int SMALL = 4096;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final SseDecoder decoder = new SseDecoder(1 << 22, 1 << 22);
    private final Queue<Event> events = new ArrayDeque<>();
    private final String head;
    private final boolean chunked;
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

    private EventClient(InetSocketAddress address, String request, int receiveBuffer) throws IOException {
        if (receiveBuffer > 0) socket.setReceiveBufferSize(receiveBuffer);
        socket.connect(address, LIMIT_MILLIS);
        socket.setSoTimeout(LIMIT_MILLIS);
        socket.setTcpNoDelay(true);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        in = new BufferedInputStream(socket.getInputStream());
        head = readHead();
        chunked = head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked");
    }

    static EventClient post(InetSocketAddress address, String body, String... headers) throws IOException {
        return new EventClient(address, chat(body, headers), 0);
    }

    /// A client that has room for little that it does not read.
    static EventClient smallPost(InetSocketAddress address, String body, String... headers) throws IOException {
        return new EventClient(address, chat(body, headers), SMALL);
    }

    private static String chat(String body, String... headers) {
        return "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + lines(headers) + "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n"
                + body;
    }

    static EventClient get(InetSocketAddress address, String path, String... headers) throws IOException {
        return send(address, "GET", path, headers);
    }

    static EventClient send(InetSocketAddress address, String method, String path, String... headers)
            throws IOException {
        return new EventClient(
                address, method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + lines(headers) + "\r\n", 0);
    }

    /// A client that has room for little that it does not read.
    static EventClient small(InetSocketAddress address, String path) throws IOException {
        return new EventClient(address, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n", SMALL);
    }

    private static String lines(String... headers) {
        return headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    }

    private String readHead() throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (!read.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) read.write(oneByte());
        return read.toString(StandardCharsets.ISO_8859_1);
    }

    private int oneByte() throws IOException {
        int next = in.read();
        if (next < 0) throw new IOException("the connection ended");
        return next;
    }

    int status() {
        return Integer.parseInt(head.split(" ", 3)[1]);
    }

    String header(String name) {
        for (String line : head.lines().toList()) {
            if (line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
                return line.substring(name.length() + 2);
        }
        return "";
    }

    /// The id of the stream.
    String stream() {
        return header("Freshet-Stream");
    }

    /// A body with its length.
    String body() throws IOException {
        String length = header("content-length");
        return new String(in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length)), StandardCharsets.UTF_8);
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
        socket.setSoTimeout(Math.toIntExact(limit.toMillis()));
        try {
            return next();
        } catch (SocketTimeoutException e) {
            return null;
        } finally {
            socket.setSoTimeout(LIMIT_MILLIS);
        }
    }

    /// All events up to the body's end.
    List<Event> rest() throws IOException {
        List<Event> all = new ArrayList<>();
        for (Event event = next(); event != null; event = next()) all.add(event);
        return all;
    }

    private void read() throws IOException {
        if (!chunked) {
            byte[] body = body().getBytes(StandardCharsets.UTF_8);
            complete = true;
            feed(body);
            return;
        }
        StringBuilder size = new StringBuilder();
        for (int b = oneByte(); b != '\r'; b = oneByte()) size.append((char) b);
        oneByte();
        byte[] chunk = in.readNBytes(Integer.parseInt(size.toString(), 16));
        oneByte();
        oneByte();
        if (chunk.length == 0) complete = true;
        else feed(chunk);
    }

    private void feed(byte[] bytes) {
        for (SseEvent event : decoder.feed(bytes)) events.add(Event.of(event));
    }

    /// The events of a whole body.
    static List<Event> decoded(byte[] body) {
        List<Event> all = new ArrayList<>();
        for (SseEvent event : new SseDecoder(1 << 22, 1 << 22).feed(body)) all.add(Event.of(event));
        return all;
    }

    /// Waits, without reading, until the other side has reset the connection. What came before that can no
    /// longer be read.
    boolean endsWithReset() throws IOException {
        long end = System.nanoTime() + Duration.ofMillis(LIMIT_MILLIS).toNanos();
        while (System.nanoTime() < end) {
            try {
                socket.getOutputStream().write('\r');
            } catch (SocketException e) {
                return true;
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }

    /// Closes with a reset, as a network that fails does.
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
