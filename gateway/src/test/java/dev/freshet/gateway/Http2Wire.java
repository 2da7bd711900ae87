package dev.freshet.gateway;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// A client of HTTP/2 that sends exactly the frames it is told to, right or wrong (RFC 9113, 4.1), and shows
/// those that come.
final class Http2Wire implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;
    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;
    static final int ENHANCE_YOUR_CALM = 11;

    private static final int INITIAL_WINDOW_SIZE = 4;

    private final SSLSocket socket;
    private final DataInputStream in;
    private final OutputStream out;

    /// A frame that came.
    record Frame(int type, int flags, int stream, byte[] payload) {
        /// The error code of an RST_STREAM or a GOAWAY.
        int error() {
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }

        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }
    }

    /// Connects and says hello.
    ///
    /// @param window what it takes on each stream before it has said more
    Http2Wire(InetSocketAddress address, int window) throws IOException {
        this(Tls.connect(address, "h2"), window);
    }

    /// Over a connection that is there.
    Http2Wire(SSLSocket socket, int window) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        send(SETTINGS, 0, 0, setting(INITIAL_WINDOW_SIZE, window));
    }

    static byte[] setting(int id, int value) {
        return ByteBuffer.allocate(6).putShort((short) id).putInt(value).array();
    }

    static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    /// A request's head, each field as a literal that is not indexed (RFC 7541, 6.2.2).
    static byte[] head(String method, String path, String... fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        field(block, ":method", method);
        field(block, ":scheme", "https");
        field(block, ":authority", "localhost");
        field(block, ":path", path);
        for (int i = 0; i < fields.length; i += 2) field(block, fields[i], fields[i + 1]);
        return block.toByteArray();
    }

    private static void field(ByteArrayOutputStream block, String name, String value) {
        block.write(0);
        text(block, name);
        text(block, value);
    }

    /// At most 126 characters.
    private static void text(ByteArrayOutputStream block, String text) {
        block.write(text.length());
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    Http2Wire send(int type, int flags, int stream, byte... payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(9 + payload.length)
                .putShort((short) (payload.length >> 8))
                .put((byte) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload);
        out.write(frame.array());
        return this;
    }

    /// Asks for a chat on a stream.
    Http2Wire chat(int stream, String model, String... fields) throws IOException {
        String[] all = new String[fields.length + 2];
        all[0] = "content-type";
        all[1] = "application/json";
        System.arraycopy(fields, 0, all, 2, fields.length);
        send(HEADERS, END_HEADERS, stream, head("POST", "/v1/chat/completions", all));
        return send(DATA, END_STREAM, stream, StreamsWireTest.body(model).getBytes(StandardCharsets.UTF_8));
    }

    /// How long reading waits.
    void limit(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    /// The next frame; null where the connection has ended. Each PING is answered.
    @Nullable
    Frame next() throws IOException {
        Frame frame = nextUnanswered();
        if (frame != null && frame.type() == PING && frame.flags() != ACK) send(PING, ACK, 0, frame.payload());
        return frame;
    }

    /// The next frame, a PING included that nobody answers.
    @Nullable
    Frame nextUnanswered() throws IOException {
        try {
            int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            return new Frame(type, flags, stream, in.readNBytes(length));
        } catch (EOFException e) {
            return null;
        }
    }

    /// The next frame of a type; those before it are skipped.
    @Nullable
    Frame next(int type) throws IOException {
        Frame frame = next();
        while (frame != null && frame.type() != type) frame = next();
        return frame;
    }

    /// Reads on until the other side has ended the connection.
    ///
    /// @return the error code that it gave; -1 where it gave none
    int ends() throws IOException {
        int error = -1;
        try {
            for (Frame frame = next(); frame != null; frame = next()) if (frame.type() == GOAWAY) error = frame.error();
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // a reset, which may overtake the reason
        }
        return error;
    }

    /// The text of a stream's DATA, up to one that has a text.
    String dataUntil(String text) throws IOException {
        StringBuilder all = new StringBuilder();
        while (all.indexOf(text) < 0) {
            Frame frame = next(DATA);
            if (frame == null) throw new IOException("the connection ended after: " + all);
            all.append(frame.text());
        }
        return all.toString();
    }

    /// Ends the sending side, of TLS and of TCP.
    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
