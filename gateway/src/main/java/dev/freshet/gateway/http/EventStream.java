package dev.freshet.gateway.http;

import dev.freshet.gateway.net.Frames;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.LogReader;
import dev.freshet.sse.SseEncoder;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// Writes a stream's log to one client as server-sent events. All that is new when it is told becomes one
/// write. A client that takes no more is left behind, and reads on from the log when it does. Owned by the
/// connection's loop.
final class EventStream implements LogReader {
    private static final byte[] COMMENT = SseEncoder.HEARTBEAT.getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_WRITE = 64 << 10;

    private final LogCursor cursor;
    private final Framing framing;
    private final Frames frames;
    private final Runnable ended;
    private boolean begun; // the head, which may leave alone, was sent
    private boolean over;
    private final Loop loop;
    private long writtenNanos;

    /// @param cursor behind what the client has read
    /// @param ended run once, when the last entry was written
    EventStream(LogCursor cursor, Framing framing, Frames frames, Loop loop, Runnable ended) {
        this.cursor = cursor;
        this.framing = framing;
        this.frames = frames;
        this.loop = loop;
        this.ended = ended;
        writtenNanos = loop.nanoTime();
    }

    @Override
    public void appended() {
        if (over) return;
        boolean wrote = !begun;
        begun = true;
        while (!over && cursor.hasNext() && frames.writable()) {
            write();
            wrote = true;
        }
        if (wrote) writtenNanos = loop.nanoTime();
        if (over) frames.end();
        else if (wrote) frames.flush();
        if (over) ended.run();
    }

    /// How long nothing was written, in nanoseconds.
    long silentNanos() {
        return loop.nanoTime() - writtenNanos;
    }

    /// Writes a comment, which says nothing to the client; but a client that has gone answers it with a reset.
    void touch() {
        if (over || !frames.writable()) return;
        writtenNanos = loop.nanoTime();
        ByteBuf piece = frames.open(COMMENT.length);
        frames.write(piece.writeBytes(COMMENT));
        frames.flush();
    }

    /// The buffer has room for one entry, and grows where there are more.
    private void write() {
        ByteBuf piece = frames.open(Math.min(cursor.ahead() + framing.overhead(), MAX_WRITE));
        while (!over && piece.readableBytes() < MAX_WRITE && cursor.next()) over = framing.write(cursor, piece);
        frames.write(piece);
    }
}
