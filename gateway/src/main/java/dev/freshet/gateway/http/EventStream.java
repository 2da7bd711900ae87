package dev.freshet.gateway.http;

import dev.freshet.gateway.net.Frames;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.LogReader;
import dev.freshet.gateway.stream.StreamLog;
import dev.freshet.sse.SseEncoder;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// Writes a stream's log to one client as plain server-sent events, one for each entry. All that is new when it
/// is told becomes one write. A client that takes no more is left behind, and reads on from the log when it
/// does. Owned by the connection's loop.
///
/// Source: the WHATWG's HTML standard, 9.2 "Server-sent events".
final class EventStream implements LogReader {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] COMMENT = SseEncoder.HEARTBEAT.getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_WRITE = 64 << 10;
    private static final int FRAMING = DATA.length + 2;

    private final StreamLog log;
    private final LogCursor cursor;
    private final Frames frames;
    private final Runnable ended;
    private long bytesRead;
    private boolean begun; // the head, which may leave alone, was sent
    private boolean over;

    /// @param ended run once, when the last entry was written
    EventStream(StreamLog log, Frames frames, Runnable ended) {
        this.log = log;
        this.frames = frames;
        this.ended = ended;
        cursor = log.fromStart();
    }

    @Override
    public void appended() {
        boolean wrote = !begun;
        begun = true;
        while (!over && cursor.number() < log.tail() && frames.writable()) {
            write();
            wrote = true;
        }
        if (over) frames.end();
        else if (wrote) frames.flush();
        if (over) ended.run();
    }

    /// Writes a comment, which says nothing to the client; but a client that has gone answers it with a reset.
    void touch() {
        if (over) return;
        ByteBuf piece = frames.open(COMMENT.length);
        frames.write(piece.writeBytes(COMMENT));
        frames.flush();
    }

    private void write() {
        ByteBuf piece = frames.open(capacity());
        while (!over && piece.readableBytes() < MAX_WRITE && cursor.next()) entry(piece);
        frames.write(piece);
    }

    /// What is left to read, with its framing; a piece that is cut at its maximum still has room for its last
    /// entry.
    private int capacity() {
        long left = log.bytes() - bytesRead + (log.tail() - cursor.number()) * FRAMING;
        return (int) Math.min(left, MAX_WRITE + FRAMING);
    }

    private void entry(ByteBuf piece) {
        bytesRead += cursor.length();
        switch (cursor.kind()) {
            case EVENT -> block(piece);
            case MULTILINE_EVENT -> lines(piece);
            case DONE, ERROR -> {
                block(piece);
                over = true;
            }
            case WHOLE, END -> throw new IllegalStateException(cursor.kind() + " is no event");
        }
    }

    private void block(ByteBuf piece) {
        piece.writeBytes(DATA).writeBytes(cursor.array(), cursor.offset(), cursor.length());
        piece.writeByte('\n').writeByte('\n');
    }

    /// Data of several lines: each gets a field of its own.
    private void lines(ByteBuf piece) {
        byte[] lines = new byte[SseEncoder.dataLinesLength(cursor.array(), cursor.offset(), cursor.length())];
        SseEncoder.putDataLines(cursor.array(), cursor.offset(), cursor.length(), lines, 0);
        piece.writeBytes(lines).writeByte('\n');
    }
}
