package dev.freshet.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A client that sends exactly the bytes it is given, and shows exactly those that came.
final class Wire implements AutoCloseable {
    private static final int LIMIT_MILLIS = 20_000;
    private static final int QUIET_MILLIS = 200;

    private final Socket socket;

    Wire(InetSocketAddress address) throws IOException {
        this(new Socket());
        socket.connect(address, LIMIT_MILLIS);
    }

    /// Over a connection that is there, or will be.
    Wire(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(LIMIT_MILLIS);
        socket.setTcpNoDelay(true);
    }

    Wire send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /// Sends a text of which each character is a byte.
    Wire sendLatin(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /// A request for a chat, with the length of its body.
    Wire post(String body, String... headers) throws IOException {
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        return send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + more
                + "Content-Length: " + length + "\r\n\r\n" + body);
    }

    /// All that comes until the other side closes.
    String readAll() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /// The same, a byte in each character.
    String readAllLatin() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /// The same, of a side that may keep the connection: when something has come, and then nothing for a moment, it is
    /// told that no more will be asked.
    ///
    /// @throws SocketTimeoutException where nothing comes, and the connection stays
    String readAnsweredLatin() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] some = new byte[8192];
        try {
            for (int count = in.read(some); count >= 0; count = in.read(some)) {
                all.write(some, 0, count);
                socket.setSoTimeout(QUIET_MILLIS);
            }
        } catch (SocketTimeoutException e) {
            if (all.size() == 0) throw e;
            socket.setSoTimeout(LIMIT_MILLIS);
            socket.shutdownOutput();
            all.writeBytes(in.readAllBytes());
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /// What comes up to and including a text.
    String readUntil(String end) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        byte[] last = end.getBytes(StandardCharsets.UTF_8);
        while (!endsWith(read.toByteArray(), last)) {
            int next = in.read();
            if (next < 0) throw new IOException("the connection ended after: " + read.toString(StandardCharsets.UTF_8));
            read.write(next);
        }
        return read.toString(StandardCharsets.UTF_8);
    }

    private static boolean endsWith(byte[] all, byte[] end) {
        int from = all.length - end.length;
        return from >= 0 && Arrays.equals(all, from, all.length, end, 0, end.length);
    }

    /// The next response with a Content-Length, head and body.
    String readResponse() throws IOException {
        String head = readUntil("\r\n\r\n");
        String length = head.replaceFirst("(?is).*\r\ncontent-length: *(\\d+).*", "$1");
        byte[] body = socket.getInputStream().readNBytes(Integer.parseInt(length));
        return head + new String(body, StandardCharsets.UTF_8);
    }

    /// Shuts the sending side: a FIN, while reading goes on.
    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /// Closes with a reset.
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
