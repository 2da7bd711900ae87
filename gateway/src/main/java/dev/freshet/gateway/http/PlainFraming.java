package dev.freshet.gateway.http;

import dev.freshet.gateway.stream.LogCursor;
import io.netty.buffer.ByteBuf;

/// Events as any client of the providers knows them: data only, up to `[DONE]` or an error.
final class PlainFraming implements Framing {
    @Override
    public boolean write(LogCursor cursor, ByteBuf out) {
        switch (cursor.kind()) {
            case EVENT, DONE, ERROR -> Blocks.line(cursor, out);
            case MULTILINE_EVENT, WHOLE -> Blocks.lines(cursor, out);
            case HIDDEN -> {}
            case END -> throw new IllegalStateException("it ends before the terminal entry");
        }
        return switch (cursor.kind()) {
            case DONE, ERROR, WHOLE -> true;
            default -> false;
        };
    }

    @Override
    public int overhead() {
        return Blocks.DATA.length + 2;
    }
}
