package dev.freshet.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/// A network that breaks: passes bytes on to a server on this machine, and closes or resets connections after
/// some of what comes back, or when it is told to. Thread-safe.
public final class Cutter implements AutoCloseable {
    /// A budget that lasts.
    public static final int NEVER = Integer.MAX_VALUE;

    private final ServerSocket listening;
    private final InetSocketAddress server;
    private final IntSupplier budgets;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cuts = new AtomicInteger();

    /// @param server where connections lead to
    /// @param budgets how many bytes of answers each next connection passes before it is cut: closed where the
    ///     number is odd, reset where it is even; [#NEVER] for as long as it lives. Asked by any thread
    /// @throws IOException where no port is free
    public Cutter(InetSocketAddress server, IntSupplier budgets) throws IOException {
        this.server = server;
        this.budgets = budgets;
        listening = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /// The address to speak to instead of the server's, such as `http://127.0.0.1:40000`.
    public String url() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    /// Cuts the connections that are open now.
    public void cut() {
        cuts.addAndGet(open.size());
        open.forEach(Cutter::close);
    }

    /// How many connections were cut.
    public int cuts() {
        return cuts.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket upstream = new Socket(server.getAddress(), server.getPort())) {
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            open.add(client);
            Thread.ofVirtual().start(() -> {
                try {
                    client.getInputStream().transferTo(upstream.getOutputStream());
                    upstream.shutdownOutput();
                } catch (IOException e) {
                    close(upstream);
                }
            });
            back(upstream.getInputStream(), client);
        } catch (IOException e) {
            close(client);
        } finally {
            open.remove(client);
        }
    }

    private void back(InputStream from, Socket client) throws IOException {
        int budget = budgets.getAsInt();
        boolean reset = budget % 2 == 0;
        byte[] buffer = new byte[4096];
        OutputStream to = client.getOutputStream();
        for (int count; (count = from.read(buffer, 0, Math.min(buffer.length, Math.max(1, budget)))) >= 0; ) {
            to.write(buffer, 0, count);
            if (budget != NEVER) budget -= count;
            if (budget <= 0) {
                cuts.incrementAndGet();
                if (reset) client.setSoLinger(true, 0);
                return;
            }
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        open.forEach(Cutter::close);
    }
}
