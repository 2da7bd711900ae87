package dev.freshet.bench.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;

/// The clients: so many connections, which stay open, and a [Demand] that says when a free one asks. Owned
/// by the load's thread.
public final class LoadClient implements AutoCloseable {
    /// What each of them shows, whether it is asked for a key or not.
    public static final String KEY = "bench-key-of-32-random-characters";

    private final LoadLoop loop;
    private final List<ClientStream> all = new ArrayList<>();
    private final Deque<ClientStream> free = new ArrayDeque<>();
    private final Tally tally = new Tally();
    private final IntConsumer onToken;
    private final Demand demand;
    private Window window = new Window();
    private boolean stopped;
    private int broken;

    /// Opens `connections` of them to a loopback port. `onToken` is told the number of a stream of which a
    /// token was read.
    public LoadClient(LoadLoop loop, int port, int connections, Demand demand, IntConsumer onToken) throws IOException {
        this.loop = loop;
        this.onToken = onToken;
        this.demand = demand;
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        for (int i = 0; i < connections; i++) all.add(new ClientStream(this, i, loop, address));
        for (ClientStream stream : all) stream.connected();
        free.addAll(all);
        loop.add(demand);
        demand.from(this);
    }

    /// Collects what is read from now on in a window of its own, and returns it.
    public Window startWindow() {
        window = new Window();
        return window;
    }

    /// What went wrong so far.
    public Tally tally() {
        return tally;
    }

    /// Asks for no more streams.
    public void stop() {
        stopped = true;
    }

    /// How many streams are being read.
    public int running() {
        return all.size() - free.size() - broken;
    }

    /// How many streams can begin.
    int freeStreams() {
        return stopped ? 0 : free.size();
    }

    /// Begins a stream of so many tokens on the connection that was free longest.
    void begin(int tokens) {
        free.remove().ask(tokens);
    }

    Window window() {
        return window;
    }

    void read(int number) {
        onToken.accept(number);
    }

    void ended(ClientStream stream) {
        free.add(stream);
    }

    /// A connection that broke asks no more, so that one fault is not counted a thousand times.
    void broken() {
        broken++;
    }

    @Override
    public void close() {
        loop.remove(demand);
        all.forEach(ClientStream::close);
    }
}
