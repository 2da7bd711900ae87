package dev.freshet.sse;

import static java.nio.charset.StandardCharsets.UTF_8;

/// Turns events into the bytes of an event stream (WHATWG HTML 9.2.5). No text can forge a field or an event: line
/// breaks in data become further `data` lines, and an id or a type with a line break is refused.
///
/// Stateless; any thread may use it.
public final class SseEncoder {
    /// A comment without a text: says that the stream is alive, and nothing to the reader.
    public static final String HEARTBEAT = ":\n";

    private static final byte[] DATA = "data: ".getBytes(UTF_8);

    private SseEncoder() {}

    /// The whole event, with its blank line. The id is always written, because a reader keeps the one before where
    /// none comes; the type only where it is not `message`. Line breaks of the data, which may be CR, CRLF or LF,
    /// are read back as LF.
    ///
    /// @throws IllegalArgumentException as [#typeLine] and [#idLine]
    public static byte[] encode(SseEvent event) {
        byte[] id = idLine(event.lastEventId());
        byte[] type = isDefault(event.type()) ? new byte[0] : typeLine(event.type());
        byte[] data = event.data().getBytes(UTF_8);
        byte[] encoded = new byte[id.length + type.length + dataLinesLength(data, 0, data.length) + 1];
        System.arraycopy(id, 0, encoded, 0, id.length);
        System.arraycopy(type, 0, encoded, id.length, type.length);
        int end = putDataLines(data, 0, data.length, encoded, id.length + type.length);
        encoded[end] = '\n';
        return encoded;
    }

    /// `id: X` and its line end.
    ///
    /// @throws IllegalArgumentException where the id has a CR, an LF or a NUL
    public static byte[] idLine(String id) {
        refuse(id.indexOf('\0') >= 0, "an event id cannot have a NUL, readers would ignore it: take it out");
        refuseLineBreak(id, "id");
        return ("id: " + id + "\n").getBytes(UTF_8);
    }

    /// `event: X` and its line end.
    ///
    /// @throws IllegalArgumentException where the type has a CR or an LF
    public static byte[] typeLine(String type) {
        refuseLineBreak(type, "type");
        return ("event: " + type + "\n").getBytes(UTF_8);
    }

    /// How many bytes [#putDataLines] writes for this data.
    public static int dataLinesLength(byte[] data, int offset, int length) {
        int end = offset + length;
        int size = 0;
        for (int at = offset; at >= 0; ) {
            int lineEnd = lineEnd(data, at, end);
            size = Math.addExact(size, DATA.length + lineEnd - at + 1);
            at = nextLine(data, lineEnd, end);
        }
        return size;
    }

    /// Writes data as `data` lines, each with its line end, without the blank line that completes the event.
    ///
    /// @param data UTF-8
    /// @return where the written bytes end in the target
    /// @throws IndexOutOfBoundsException where the target is too short
    public static int putDataLines(byte[] data, int offset, int length, byte[] target, int position) {
        int end = offset + length;
        int to = position;
        for (int at = offset; at >= 0; ) {
            int lineEnd = lineEnd(data, at, end);
            System.arraycopy(DATA, 0, target, to, DATA.length);
            System.arraycopy(data, at, target, to + DATA.length, lineEnd - at);
            to += DATA.length + lineEnd - at;
            target[to++] = '\n';
            at = nextLine(data, lineEnd, end);
        }
        return to;
    }

    /// A comment, one line for each line of the text.
    public static byte[] comment(String text) {
        return (": " + text.replaceAll("\r\n|\r|\n", "\n: ") + "\n").getBytes(UTF_8);
    }

    /// The time that a reader should wait before it connects again.
    ///
    /// @throws IllegalArgumentException where the time is below 0 or above [SseDecoder#MAX_RETRY_MILLIS]
    public static byte[] retry(long millis) {
        refuse(
                millis < 0 || millis > SseDecoder.MAX_RETRY_MILLIS,
                "a reconnection time must be from 0 to " + SseDecoder.MAX_RETRY_MILLIS + " ms, but is " + millis);
        return ("retry: " + millis + "\n").getBytes(UTF_8);
    }

    private static boolean isDefault(String type) {
        return type.isEmpty() || type.equals("message");
    }

    private static int lineEnd(byte[] data, int from, int end) {
        int found = LineEnds.next(data, from, end);
        return found < 0 ? end : found;
    }

    /// Where the line after this line end begins, or -1 where the data ends here.
    private static int nextLine(byte[] data, int lineEnd, int end) {
        if (lineEnd == end) {
            return -1;
        }
        boolean pair = data[lineEnd] == '\r' && lineEnd + 1 < end && data[lineEnd + 1] == '\n';
        return lineEnd + (pair ? 2 : 1);
    }

    private static void refuseLineBreak(String value, String field) {
        refuse(
                value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0,
                "an event " + field
                        + " is one line, a line break in it would begin another field: take out its CR and LF");
    }

    private static void refuse(boolean wrong, String why) {
        if (wrong) {
            throw new IllegalArgumentException(why);
        }
    }
}
