package dev.freshet.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A network before a server, which a test can cut: what runs breaks off, and what is new finds nobody.
final class Network implements AutoCloseable {
    private final URI server;
    private final ServerSocket door;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean cut;

    Network(String url) throws IOException {
        server = URI.create(url);
        door = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /// Its own address, without a path.
    String url() {
        return "http://127.0.0.1:" + door.getLocalPort();
    }

    void cut() {
        cut = true;
        open.forEach(Network::close);
    }

    void mend() {
        cut = false;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = door.accept();
                if (cut) close(client);
                else join(client);
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private void join(Socket client) {
        try {
            Socket up = new Socket(server.getHost(), server.getPort());
            open.add(client);
            open.add(up);
            Thread.ofVirtual().start(() -> copy(client, up));
            Thread.ofVirtual().start(() -> copy(up, client));
        } catch (IOException e) {
            close(client);
        }
    }

    private void copy(Socket from, Socket to) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException e) {
            // One of them is gone, so the other goes too.
        } finally {
            close(from);
            close(to);
            open.remove(from);
            open.remove(to);
        }
    }

    private static void close(Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone.
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        cut();
    }
}
