package dev.freshet.gateway;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Over HTTP/1.1.
final class Http1Conversation implements Conversation {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Socket socket;
    private final InputStream in;
    private final String head;
    private final boolean chunked;
    private boolean complete;

    /// @param socket not yet connected
    /// @param receiveBuffer in bytes; 0 for the system's
    Http1Conversation(Socket socket, InetSocketAddress address, String request, int receiveBuffer) throws IOException {
        this.socket = socket;
        int millis = Math.toIntExact(LIMIT.toMillis());
        if (receiveBuffer > 0) socket.setReceiveBufferSize(receiveBuffer);
        socket.connect(address, millis);
        socket.setSoTimeout(millis);
        socket.setTcpNoDelay(true);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        in = new BufferedInputStream(socket.getInputStream());
        head = readHead();
        chunked = head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked");
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

    @Override
    public int status() {
        return Integer.parseInt(head.split(" ", 3)[1]);
    }

    @Override
    public String header(String name) {
        for (String line : head.lines().toList()) {
            if (line.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
                return line.substring(name.length() + 2);
        }
        return "";
    }

    @Override
    public byte @Nullable [] piece() throws IOException {
        if (complete) return null;
        if (!chunked) {
            complete = true;
            String length = header("content-length");
            return in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length));
        }
        StringBuilder size = new StringBuilder();
        for (int b = oneByte(); b != '\r'; b = oneByte()) size.append((char) b);
        oneByte();
        byte[] chunk = in.readNBytes(Integer.parseInt(size.toString(), 16));
        oneByte();
        oneByte();
        complete = chunk.length == 0;
        return complete ? null : chunk;
    }

    @Override
    public void limit(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    /// What came before that can no longer be read.
    @Override
    public boolean endsWithReset() throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < end) {
            try {
                socket.getOutputStream().write('\r');
            } catch (SocketException | SSLException e) {
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

    @Override
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
