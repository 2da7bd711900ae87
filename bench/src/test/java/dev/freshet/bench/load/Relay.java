package dev.freshet.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/// A proxy that does wrong: it takes one request, waits for the whole answer, changes its text, and sends that.
final class Relay implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final int upstreamPort;
    private final UnaryOperator<String> change;

    Relay(int upstreamPort, UnaryOperator<String> change) throws IOException {
        this.upstreamPort = upstreamPort;
        this.change = change;
        Thread.ofPlatform().daemon().name("relay").start(this::relay);
    }

    int port() {
        return listener.getLocalPort();
    }

    private void relay() {
        try (Socket client = listener.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), upstreamPort)) {
            upstream.getOutputStream().write(client.getInputStream().readNBytes(requestLength(client)));
            String answer = whole(upstream.getInputStream());
            client.getOutputStream().write(change.apply(answer).getBytes(StandardCharsets.US_ASCII));
            // Until the client leaves.
            client.getInputStream().read();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The request is sent in one write, so all of it is there with its first byte.
    private static int requestLength(Socket client) throws IOException {
        InputStream in = client.getInputStream();
        while (in.available() == 0) Thread.onSpinWait();
        return in.available();
    }

    private static String whole(InputStream in) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        while (!answer.toString(StandardCharsets.US_ASCII).endsWith("0\r\n\r\n")) answer.write(in.read());
        return answer.toString(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
