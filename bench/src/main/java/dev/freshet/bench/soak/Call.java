package dev.freshet.bench.soak;

import dev.freshet.sse.SseDecoder;
import dev.freshet.sse.SseEvent;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// One request on a connection of its own, and its answer, which can be left anywhere. Not thread-safe.
final class Call implements AutoCloseable {
    private static final int LIMIT_MILLIS = 60_000;
    private static final int LIMIT_BYTES = 8 << 20;
    private static final int SMALL_BUFFER = 4096;

    private final Socket socket = new Socket();
    private final InputStream in;
    private final String head;
    private final boolean chunked;
    private final SseDecoder decoder = new SseDecoder(LIMIT_BYTES, LIMIT_BYTES);
    private final Queue<SseEvent> events = new ArrayDeque<>();
    private boolean ended;

    /// @param slow whether it has room for little that it does not read
    Call(int port, String request, boolean slow) throws IOException {
        if (slow) socket.setReceiveBufferSize(SMALL_BUFFER);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(LIMIT_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), LIMIT_MILLIS);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        in = new BufferedInputStream(socket.getInputStream());
        head = head();
        chunked = head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked");
    }

    private String head() throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf("\r\n\r\n") < 0) read.append((char) oneByte());
        return read.toString();
    }

    private int oneByte() throws IOException {
        int next = in.read();
        if (next < 0) throw new IOException("the connection ended");
        return next;
    }

    int status() {
        return Integer.parseInt(head.substring(9, 12));
    }

    String header(String name) {
        for (String line : head.lines().toList()) {
            if (line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
                return line.substring(name.length() + 2);
        }
        return "";
    }

    /// A body with its length; empty where there is none.
    String body() throws IOException {
        if (header("content-length").isEmpty()) return "";
        return new String(in.readNBytes(Integer.parseInt(header("content-length"))), StandardCharsets.UTF_8);
    }

    /// The next event; null at the body's end.
    @Nullable
    SseEvent next() throws IOException {
        while (events.isEmpty() && !ended) read();
        return events.poll();
    }

    private void read() throws IOException {
        if (!chunked) {
            events.addAll(decoder.feed(body().getBytes(StandardCharsets.UTF_8)));
            ended = true;
            return;
        }
        StringBuilder size = new StringBuilder();
        for (int b = oneByte(); b != '\r'; b = oneByte()) size.append((char) b);
        oneByte();
        byte[] chunk = in.readNBytes(Integer.parseInt(size.toString(), 16));
        oneByte();
        oneByte();
        ended = chunk.length == 0;
        events.addAll(decoder.feed(chunk));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
