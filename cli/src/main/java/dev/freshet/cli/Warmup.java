package dev.freshet.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/// Sends a gateway requests of its own for a moment, on new connections and used ones, so that the first real
/// one finds its code loaded and partly compiled. What goes wrong here is of no consequence.
final class Warmup {
    private static final int PER_CONNECTION = 8;
    private static final int LONGEST_MILLIS = 2_000;
    private static final String BODY =
            "{\"model\":\"tokens-12\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
    private static final byte[] END = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private Warmup() {}

    private static byte[] request(String key) {
        return ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Authorization: Bearer " + key + "\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// @param key that lets these requests in
    /// @param limit after which no more requests are sent
    static void run(InetSocketAddress gateway, String key, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        byte[] request = request(key);
        try {
            while (System.nanoTime() < end) connection(gateway, request, end);
        } catch (IOException e) {
            // A gateway that is not warm is a slower one for a moment; who asks it will see what is wrong, if anything
            // is.
        }
    }

    private static void connection(InetSocketAddress gateway, byte[] request, long end) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(gateway, LONGEST_MILLIS);
            socket.setSoTimeout(LONGEST_MILLIS);
            for (int i = 0; i < PER_CONNECTION && System.nanoTime() < end; i++) {
                socket.getOutputStream().write(request);
                skipAnswer(socket.getInputStream());
            }
        }
    }

    private static void skipAnswer(InputStream in) throws IOException {
        byte[] last = new byte[END.length];
        byte[] read = new byte[8192];
        while (!Arrays.equals(last, END)) {
            int count = in.read(read);
            if (count < 0) throw new IOException("the answer ended early");
            for (int i = Math.max(0, count - END.length); i < count; i++) {
                System.arraycopy(last, 1, last, 0, END.length - 1);
                last[END.length - 1] = read[i];
            }
        }
    }
}
