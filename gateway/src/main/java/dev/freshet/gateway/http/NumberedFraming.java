package dev.freshet.gateway.http;

import dev.freshet.gateway.dialect.openai.TextRun;
import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.StreamLog;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Events with an id each, by which a reader can come back, up to the `end` event. Ids stand inside the
/// data blocks only, and `retry` in the first one, because clients fail on blocks without data.
final class NumberedFraming implements Framing {
    private static final byte[] ID = "id: ".getBytes(StandardCharsets.US_ASCII);
    /// How long a browser waits before it comes back.
    private static final byte[] RETRY = "retry: 1000\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "event: end\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_NUMBER = 19;
    /// A merged event grows no longer than this, in bytes.
    private static final int MAX_RUN = 16 << 10;

    private final StreamLog log;
    private final byte[] gen;
    private final boolean merge;
    private boolean first = true;

    /// @param merge whether runs of texts become one event
    NumberedFraming(StreamLog log, boolean merge) {
        this.log = log;
        gen = (log.head().gen() + "-").getBytes(StandardCharsets.US_ASCII);
        this.merge = merge;
    }

    @Override
    public boolean write(LogCursor cursor, ByteBuf out) {
        switch (cursor.kind()) {
            case EVENT -> {
                TextRun run = merge && cursor.hasNext() ? run(cursor) : null;
                if (run == null) line(cursor, out);
                else merged(run, cursor, out);
            }
            case DONE, ERROR -> line(cursor, out);
            case HIDDEN -> {}
            case MULTILINE_EVENT, WHOLE -> {
                id(cursor.number(), out);
                Blocks.lines(cursor, out);
            }
            case END -> {
                out.writeBytes(END);
                line(cursor, out);
                return true;
            }
        }
        return false;
    }

    private void line(LogCursor cursor, ByteBuf out) {
        id(cursor.number(), out);
        Blocks.line(cursor, out);
    }

    private void id(long number, ByteBuf out) {
        if (number <= log.numbered()) {
            out.writeBytes(ID).writeBytes(gen);
            out.writeCharSequence(Long.toString(number), StandardCharsets.US_ASCII);
            out.writeByte('\n');
        }
        if (first) out.writeBytes(RETRY);
        first = false;
    }

    private static @Nullable TextRun run(LogCursor cursor) {
        return TextRun.begin(cursor.array(), cursor.offset(), cursor.length());
    }

    private static boolean goesOn(TextRun run, LogCursor cursor) {
        return cursor.kind() == EntryKind.EVENT && run.goesOn(cursor.array(), cursor.offset(), cursor.length());
    }

    /// The run's first chunk with all its texts, under the number of its last one, on which the cursor then
    /// stands.
    private void merged(TextRun run, LogCursor cursor, ByteBuf out) {
        LogCursor ahead = cursor.copy();
        LogCursor last = cursor.copy();
        int length = cursor.length();
        while (length < MAX_RUN && ahead.next() && goesOn(run, ahead)) {
            last = ahead.copy();
            length += ahead.length() - run.before() - run.behind();
        }
        id(last.number(), out);
        out.writeBytes(Blocks.DATA).writeBytes(cursor.array(), cursor.offset(), cursor.length() - run.behind());
        while (cursor.number() < last.number() && cursor.next()) {
            int text = cursor.length() - run.before() - run.behind();
            out.writeBytes(cursor.array(), cursor.offset() + run.before(), text);
        }
        out.writeBytes(cursor.array(), cursor.offset() + cursor.length() - run.behind(), run.behind());
        out.writeByte('\n').writeByte('\n');
    }

    @Override
    public int overhead() {
        return ID.length + gen.length + LONGEST_NUMBER + 1 + Blocks.DATA.length + 2 + (first ? RETRY.length : 0);
    }
}
