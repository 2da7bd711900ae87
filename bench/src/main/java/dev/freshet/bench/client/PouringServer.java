package dev.freshet.bench.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// A server that pours the same whole answer as fast as it is taken: bytes that were made before, so that what
/// is measured is the client.
final class PouringServer implements AutoCloseable {
    private static final String LENGTH = "content-length:";

    private final ServerSocket listening = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final byte[] response;

    /// @param tokens how many the answer has
    PouringServer(int tokens) throws IOException {
        response = response(tokens);
        Thread.ofVirtual().start(this::accept);
    }

    URI base() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort() + "/v1");
    }

    /// The text of one token; all are as long.
    static String token(int number) {
        return String.format(Locale.ROOT, " tok%04d", number % 10_000);
    }

    private static byte[] response(int tokens) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(
                out,
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n");
        for (int i = 0; i < tokens; i++) event(out, chunk("{\"content\":\"" + token(i) + "\"}", "null"));
        event(out, chunk("{\"content\":\"\"}", "\"stop\""));
        event(out, "[DONE]");
        write(out, "0\r\n\r\n");
        return out.toByteArray();
    }

    /// As DeepSeek's are.
    private static String chunk(String delta, String finish) {
        return "{\"id\":\"930c60df-bf64-41c9-a88e-3ec75f81e00e\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,"
                + "\"model\":\"deepseek-chat\",\"system_fingerprint\":\"fp_ffc7281d48_prod0820_fp8_kvcache\",\"choices\":[{\"index\":0,"
                + "\"delta\":" + delta + ",\"logprobs\":null,\"finish_reason\":" + finish + "}]}";
    }

    private static void event(ByteArrayOutputStream out, String data) {
        byte[] event = ("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
        write(out, Integer.toHexString(event.length) + "\r\n");
        out.writeBytes(event);
        write(out, "\r\n");
    }

    private static void write(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            while (request(in)) out.write(response);
        } catch (IOException e) {
            // the client has left
        }
    }

    /// Reads a request to its end.
    private static boolean request(InputStream in) throws IOException {
        long length = 0;
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c != '\n') {
                if (c != '\r') line.append((char) c);
                continue;
            }
            if (line.isEmpty()) {
                in.skipNBytes(length);
                return true;
            }
            String header = line.toString().toLowerCase(Locale.ROOT);
            if (header.startsWith(LENGTH))
                length = Long.parseLong(header.substring(LENGTH.length()).strip());
            line.setLength(0);
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
