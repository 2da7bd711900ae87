package dev.freshet.sse;

import java.nio.charset.StandardCharsets;

/// The fields of the event that is being read, line by line (WHATWG HTML 9.2.6).
final class EventBlock {
    private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ID = "id".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] RETRY = "retry".getBytes(StandardCharsets.US_ASCII);

    private final FieldText type = new FieldText();
    private FieldText id = new FieldText();
    private FieldText nextId = new FieldText();
    private boolean idGiven;

    private final EventData data;
    private final EventView view = new EventView(type, id);

    EventBlock(int maxEventBytes) {
        data = new EventData(maxEventBytes);
    }

    /// One line that is not blank, without its line end.
    void line(byte[] bytes, int from, int to, SseDecoder.Sink sink) {
        switch (bytes[from]) {
            case 'd' -> {
                int value = value(DATA, bytes, from, to);
                if (value >= 0) {
                    data.addLine(bytes, value, to - value);
                }
            }
            case 'e' -> {
                int value = value(EVENT, bytes, from, to);
                if (value >= 0) {
                    type.set(bytes, value, to - value);
                }
            }
            case 'i' -> {
                int value = value(ID, bytes, from, to);
                if (value >= 0) {
                    setId(bytes, value, to);
                }
            }
            case 'r' -> {
                int value = value(RETRY, bytes, from, to);
                if (value >= 0) {
                    retry(bytes, value, to, sink);
                }
            }
            case ':' -> sink.comment();
            default -> {
                // A field that the rules do not know is ignored.
            }
        }
    }

    /// A blank line: the event is complete, if it has data.
    void end(SseDecoder.Sink sink) {
        if (idGiven) {
            FieldText previous = id;
            id = nextId;
            nextId = previous;
            nextId.clear();
            idGiven = false;
        }
        if (data.hasLines()) {
            data.show(view, id);
            sink.event(view);
            view.hide();
            data.clear();
        }
        type.clear();
    }

    /// Copies what still lies in the array of a line: that array is given back now.
    void keep() {
        data.keep();
    }

    boolean begun() {
        return data.hasLines() || idGiven || !type.isEmpty();
    }

    String lastEventId() {
        return id.text();
    }

    /// Lets go of everything but the last id.
    void release() {
        data.release();
        type.release();
        nextId.release();
    }

    int heldBytes() {
        return view.array().length + data.heldBytes() + type.heldBytes() + id.heldBytes() + nextId.heldBytes();
    }

    private void setId(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] == 0) {
                return;
            }
        }
        nextId.set(bytes, from, to - from);
        idGiven = true;
    }

    private static void retry(byte[] bytes, int from, int to, SseDecoder.Sink sink) {
        long millis = 0;
        for (int at = from; at < to; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return;
            }
            millis = Math.min(millis * 10 + digit, SseDecoder.MAX_RETRY_MILLIS);
        }
        if (to > from) {
            sink.retry(millis);
        }
    }

    /// Where the value of the line's field begins, or -1 where the field is another. A line without a colon is a
    /// name with an empty value; one space after the colon does not belong to the value.
    private static int value(byte[] name, byte[] bytes, int from, int to) {
        int colon = from + name.length;
        if (to < colon || !startsWith(name, bytes, from)) {
            return -1;
        }
        if (to == colon) {
            return to;
        }
        if (bytes[colon] != ':') {
            return -1;
        }
        int value = colon + 1;
        return value < to && bytes[value] == ' ' ? value + 1 : value;
    }

    private static boolean startsWith(byte[] name, byte[] bytes, int from) {
        for (int i = 1; i < name.length; i++) {
            if (bytes[from + i] != name[i]) {
                return false;
            }
        }
        return true;
    }
}
