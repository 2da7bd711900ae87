package dev.freshet.sse;

import static java.util.Objects.checkFromIndexSize;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns the bytes of an event stream into events, however the bytes are split (WHATWG HTML 9.2.6). Bytes are
/// pushed in; events come out at once, through a [Sink].
///
/// An event whose data is one line within one fed array is shown where it lies, without a copy. What is kept
/// between two reads is bounded by a small multiple of the two limits, and is next to nothing between events. What
/// is unfinished when the stream ends is dropped, as the rules have it: [#midEvent] tells.
///
/// Not thread-safe.
public final class SseDecoder {
    /// The longest reconnection time that is given, in milliseconds: what timers of browsers can hold, 24.8 days.
    /// Longer ones become this one.
    public static final long MAX_RETRY_MILLIS = Integer.MAX_VALUE;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final int maxLineBytes;
    private final EventBlock block;
    private final ByteStore partialLine = new ByteStore();
    private int markBytesSeen; // how much of a byte order mark the stream has begun with
    private boolean pastMark; // the first bytes are known to be a byte order mark, or not to be one
    private boolean swallowLineFeed; // a CR ended the last line; an LF now is its second half
    private @Nullable SseLimitException exceeded;

    /// Takes what the decoder finds, in the order of the stream. Must not feed the decoder that calls it. Where it
    /// throws, the rest of the fed bytes is lost, and the decoder must not be used any more.
    @FunctionalInterface
    public interface Sink {
        /// An event. The view is valid only until this method returns.
        void event(EventView event);

        /// A comment line.
        default void comment() {}

        /// A reconnection time, from 0 to [SseDecoder#MAX_RETRY_MILLIS]. Given at once, not with the event around
        /// it.
        default void retry(long millis) {}
    }

    /// @param maxLineBytes the longest line that is taken, without its line end; at least 1
    /// @param maxEventBytes the most data that an event may have, with the line feeds between its lines; at least 1
    /// @throws IllegalArgumentException where a limit is below 1
    public SseDecoder(int maxLineBytes, int maxEventBytes) {
        if (maxLineBytes < 1 || maxEventBytes < 1) {
            throw new IllegalArgumentException(
                    "limits must be at least 1 byte, but are " + maxLineBytes + " and " + maxEventBytes);
        }
        this.maxLineBytes = maxLineBytes;
        block = new EventBlock(maxEventBytes);
    }

    /// Takes the next bytes of the stream. The array is not kept. Where a limit is exceeded, everything before it
    /// was delivered.
    ///
    /// @throws SseLimitException where a line or an event exceeds its limit, and at every call after that
    public void feed(byte[] bytes, int offset, int length, Sink sink) {
        checkFromIndexSize(offset, length, bytes.length);
        if (exceeded != null) {
            throw new SseLimitException(exceeded.limit(), exceeded.maxBytes());
        }
        try {
            int end = offset + length;
            lines(bytes, pastMark ? offset : skipMark(bytes, offset, end), end, sink);
        } catch (SseLimitException e) {
            exceeded = e;
            partialLine.release();
            block.release();
            throw e;
        }
    }

    /// As [#feed(byte[], int, int, Sink)], with the events as a list. Comments and reconnection times are left out.
    public List<SseEvent> feed(byte[] bytes) {
        List<SseEvent> events = new ArrayList<>();
        feed(bytes, 0, bytes.length, event -> events.add(event.toEvent()));
        return events;
    }

    /// The id to continue from after a break: the last one that a completed block has given; empty where none.
    public String lastEventId() {
        return block.lastEventId();
    }

    /// Whether something is unfinished: a line without its end, or fields of an event without the blank line that
    /// completes it.
    public boolean midEvent() {
        return partialLine.length() > 0 || block.begun() || (!pastMark && markBytesSeen > 0);
    }

    /// What the decoder keeps allocated for data, in bytes.
    int heldBytes() {
        return partialLine.capacity() + block.heldBytes();
    }

    private void lines(byte[] bytes, int from, int end, Sink sink) {
        int at = from;
        if (swallowLineFeed && at < end) {
            swallowLineFeed = false;
            at = bytes[at] == '\n' ? at + 1 : at;
        }
        for (int lineEnd; (lineEnd = LineEnds.next(bytes, at, end)) >= 0; ) {
            line(bytes, at, lineEnd, sink);
            at = lineEnd + 1;
            if (bytes[lineEnd] == '\r') {
                swallowLineFeed = at == end;
                at = at < end && bytes[at] == '\n' ? at + 1 : at;
            }
        }
        block.keep();
        partialLine.shrink();
        keepPartial(bytes, at, end);
    }

    private void line(byte[] bytes, int from, int end, Sink sink) {
        if (partialLine.length() > 0) {
            keepPartial(bytes, from, end);
            int length = partialLine.length();
            partialLine.clear(); // its array is not written to before the block has let go of it
            block.line(partialLine.array(), 0, length, sink);
        } else if (from == end) {
            block.end(sink);
        } else {
            checkLine(end - from);
            block.line(bytes, from, end, sink);
        }
    }

    private void keepPartial(byte[] bytes, int from, int end) {
        checkLine((long) partialLine.length() + end - from);
        if (from < end) {
            partialLine.append(bytes, from, end - from);
        }
    }

    private void checkLine(long length) {
        if (length > maxLineBytes) {
            throw new SseLimitException(SseLimitException.Limit.LINE, maxLineBytes);
        }
    }

    /// Skips a byte order mark at the start of the stream, which may come in pieces. Bytes that began like one and
    /// were none are given back to the first line.
    private int skipMark(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && markBytesSeen < BYTE_ORDER_MARK.length) {
            if (bytes[at] != BYTE_ORDER_MARK[markBytesSeen]) {
                pastMark = true;
                keepPartial(BYTE_ORDER_MARK, 0, markBytesSeen);
                return at;
            }
            markBytesSeen++;
            at++;
        }
        pastMark = markBytesSeen == BYTE_ORDER_MARK.length;
        return at;
    }
}
