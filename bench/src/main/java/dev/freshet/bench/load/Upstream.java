package dev.freshet.bench.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The provider: takes chat requests on a loopback port and writes each one's tokens at the pace that is set. Owned by
/// the load's thread.
public final class Upstream implements AutoCloseable, LoadLoop.Ready {
    /// 50 tokens a second.
    public static final Duration PERIOD = Duration.ofMillis(20);

    private static final int BACKLOG = 4096;

    private final LoadLoop loop;
    private final ServerSocketChannel listener;
    private final Set<UpstreamConnection> connections = new HashSet<>();
    private final Map<Integer, UpstreamConnection> streams = new HashMap<>();
    private Wheel wheel = new Wheel(PERIOD, 1);
    private Pace pace = Pace.PACED;

    /// Listens on a free port.
    public Upstream(LoadLoop loop) throws IOException {
        this.loop = loop;
        listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        loop.register(listener, SelectionKey.OP_ACCEPT, this);
        loop.add(wheel);
    }

    /// Where it listens.
    public int port() {
        return listener.socket().getLocalPort();
    }

    /// Sets the pace, for at most so many streams at once. No stream may be running.
    public void pace(Pace next, int streams) {
        loop.remove(wheel);
        wheel = new Wheel(PERIOD, streams);
        loop.add(wheel);
        pace = next;
    }

    /// Writes the next token of an unpaced stream.
    public void proceed(int client) {
        UpstreamConnection connection = streams.get(client);
        if (connection != null) connection.due();
    }

    /// Ends all running streams now, each with its finish chunk.
    public void finish() {
        for (UpstreamConnection connection : List.copyOf(streams.values())) connection.finish();
    }

    /// How many streams are running.
    public int running() {
        return streams.size();
    }

    @Override
    public void ready(SelectionKey key) {
        try {
            for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
                connections.add(new UpstreamConnection(this, loop, channel));
            }
        } catch (IOException e) {
            throw new IllegalStateException("the provider cannot accept: " + e.getMessage(), e);
        }
    }

    /// A stream began; returns its place on the wheel, -1 where it has none.
    int began(int client, UpstreamConnection connection) {
        streams.put(client, connection);
        return pace == Pace.PACED ? wheel.take(connection) : -1;
    }

    void ended(int client, int place, UpstreamConnection connection) {
        streams.remove(client, connection);
        if (place >= 0) wheel.leave(place);
    }

    void closed(UpstreamConnection connection) {
        connections.remove(connection);
    }

    @Override
    public void close() throws IOException {
        loop.remove(wheel);
        for (UpstreamConnection connection : new ArrayList<>(connections)) connection.close();
        listener.close();
    }
}
