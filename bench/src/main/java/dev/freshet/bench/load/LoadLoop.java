package dev.freshet.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// The one thread of the load. It never sleeps, so no time is lost to waking it; how much of its time had work is
/// counted instead. Everything in this package runs on the thread that calls [#run].
public final class LoadLoop implements AutoCloseable {
    /// Work that falls due by time.
    interface Duty {
        /// Does what is due; false where nothing was.
        boolean turn(long now);
    }

    /// What a key carries: the one to call when its channel is ready.
    interface Ready {
        void ready(SelectionKey key);
    }

    private static final int READ_BYTES = 64 * 1024;

    private final Selector selector;
    private final List<Duty> duties = new ArrayList<>();
    private final ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
    private final byte[] bytes = new byte[READ_BYTES];
    private final ByteBuffer out = ByteBuffer.allocateDirect(4 * Chunks.MOST);
    private long idleNanos;

    /// Opens it.
    public LoadLoop() throws IOException {
        selector = Selector.open();
    }

    /// Runs until `done`, at most so long.
    ///
    /// @return whether it was done in time
    public boolean run(Duration atMost, BooleanSupplier done) throws IOException {
        long now = System.nanoTime();
        long end = now + atMost.toNanos();
        while (!done.getAsBoolean()) {
            if (now - end >= 0) return false;
            boolean worked = turn(now);
            long after = System.nanoTime();
            if (!worked) idleNanos += after - now;
            now = after;
        }
        return true;
    }

    /// Runs for so long.
    public void run(Duration time) throws IOException {
        run(time, () -> false);
    }

    /// The time so far that had no work, in nanoseconds.
    public long idleNanos() {
        return idleNanos;
    }

    private boolean turn(long now) throws IOException {
        boolean worked = false;
        for (int i = 0; i < duties.size(); i++) worked |= duties.get(i).turn(now);
        return selector.selectNow(LoadLoop::ready) > 0 || worked;
    }

    private static void ready(SelectionKey key) {
        ((Ready) key.attachment()).ready(key);
    }

    void add(Duty duty) {
        duties.add(duty);
    }

    void remove(Duty duty) {
        duties.remove(duty);
    }

    SelectionKey register(SelectableChannel channel, int interest, Ready ready) throws IOException {
        channel.configureBlocking(false);
        return channel.register(selector, interest, ready);
    }

    /// The buffer that reads go into, empty.
    ByteBuffer in() {
        return in.clear();
    }

    /// What was read into [#in]: valid until the next read.
    byte[] read() {
        in.flip();
        in.get(bytes, 0, in.remaining());
        return bytes;
    }

    /// The buffer that writes are put together in, empty.
    ByteBuffer out() {
        return out.clear();
    }

    /// Closes the selector; the channels are their owners' to close.
    @Override
    public void close() throws IOException {
        selector.close();
    }
}
