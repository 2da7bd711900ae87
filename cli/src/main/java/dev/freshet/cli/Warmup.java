package dev.freshet.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

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

    /// @param tls whether it listens with TLS
    /// @param key that lets these requests in
    /// @param limit after which no more requests are sent
    static void run(InetSocketAddress gateway, boolean tls, String key, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        byte[] request = request(key);
        try {
            SocketFactory sockets = tls ? Own.sockets() : SocketFactory.getDefault();
            while (System.nanoTime() < end) connection(sockets, gateway, request, end);
        } catch (IOException | GeneralSecurityException e) {
            // A gateway that is not warm is a slower one for a moment; who asks it will see what is wrong, if anything
            // is.
        }
    }

    private static void connection(SocketFactory sockets, InetSocketAddress gateway, byte[] request, long end)
            throws IOException {
        try (Socket socket = sockets.createSocket()) {
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

    /// Trusts whatever answers: it is this very process, and what is sent is worth nothing.
    private static final class Own extends X509ExtendedTrustManager {
        static SocketFactory sockets() throws GeneralSecurityException {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Own()}, null);
            return context.getSocketFactory();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
