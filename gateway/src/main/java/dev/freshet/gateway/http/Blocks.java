package dev.freshet.gateway.http;

import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.sse.SseEncoder;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// The pieces that blocks of server-sent events are made of.
/// Source: the WHATWG's HTML standard, 9.2 "Server-sent events".
final class Blocks {
    static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);

    private Blocks() {}

    /// An entry as one `data` line and the end of the block.
    static void line(LogCursor entry, ByteBuf out) {
        out.writeBytes(DATA).writeBytes(entry.array(), entry.offset(), entry.length());
        out.writeByte('\n').writeByte('\n');
    }

    /// An entry of several lines: each gets a field of its own.
    static void lines(LogCursor entry, ByteBuf out) {
        byte[] lines = new byte[SseEncoder.dataLinesLength(entry.array(), entry.offset(), entry.length())];
        SseEncoder.putDataLines(entry.array(), entry.offset(), entry.length(), lines, 0);
        out.writeBytes(lines).writeByte('\n');
    }
}
