package dev.freshet.sse;

import java.util.ArrayList;
import java.util.List;

/// What a stream means, slowly and in the words of the standard: the whole stream is decoded to text first (WHATWG
/// Encoding 8.1.1 and "UTF-8 decode"), then divided into lines, then interpreted (WHATWG HTML 9.2.6). No limits.
final class ReferenceDecoder {
    private final List<SseEvent> events = new ArrayList<>();
    private final List<Long> retries = new ArrayList<>();
    private int comments;
    private String dataBuffer = "";
    private String eventTypeBuffer = "";
    private String lastEventIdBuffer = "";
    private String lastEventId = "";

    static Recording decode(byte[] bytes) {
        ReferenceDecoder reference = new ReferenceDecoder();
        String text = utf8(bytes);
        String stream = text.startsWith("\uFEFF") ? text.substring(1) : text;
        String[] lines = stream.split("\r\n|\r|\n", -1);
        for (int i = 0; i < lines.length - 1; i++) {
            reference.line(lines[i]);
        }
        boolean unfinished = !lines[lines.length - 1].isEmpty()
                || !reference.dataBuffer.isEmpty()
                || !reference.eventTypeBuffer.isEmpty()
                || reference.idGiven;
        return new Recording(
                reference.events, reference.comments, reference.retries, reference.lastEventId, unfinished, null);
    }

    private boolean idGiven;

    private void line(String line) {
        if (line.isEmpty()) {
            dispatch();
        } else if (line.startsWith(":")) {
            comments++;
        } else if (line.contains(":")) {
            String value = line.substring(line.indexOf(':') + 1);
            field(line.substring(0, line.indexOf(':')), value.startsWith(" ") ? value.substring(1) : value);
        } else {
            field(line, "");
        }
    }

    private void field(String name, String value) {
        switch (name) {
            case "event" -> eventTypeBuffer = value;
            case "data" -> dataBuffer += value + "\n";
            case "id" -> {
                if (!value.contains("\0")) {
                    lastEventIdBuffer = value;
                    idGiven = true;
                }
            }
            case "retry" -> {
                if (value.matches("[0-9]+")) {
                    retries.add(new java.math.BigInteger(value)
                            .min(java.math.BigInteger.valueOf(2_147_483_647))
                            .longValue());
                }
            }
            default -> {}
        }
    }

    private void dispatch() {
        lastEventId = lastEventIdBuffer;
        idGiven = false;
        if (!dataBuffer.isEmpty()) {
            String data = dataBuffer.substring(0, dataBuffer.length() - 1);
            events.add(new SseEvent(eventTypeBuffer.isEmpty() ? "message" : eventTypeBuffer, data, lastEventId));
        }
        dataBuffer = "";
        eventTypeBuffer = "";
    }

    /// The state machine of the standard, with its names.
    private static String utf8(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        int codePoint = 0;
        int bytesSeen = 0;
        int bytesNeeded = 0;
        int lower = 0x80;
        int upper = 0xBF;
        for (int i = 0; i < bytes.length; i++) {
            int b = bytes[i] & 0xFF;
            if (bytesNeeded == 0) {
                if (b <= 0x7F) {
                    out.append((char) b);
                } else if (b >= 0xC2 && b <= 0xDF) {
                    bytesNeeded = 1;
                    codePoint = b & 0x1F;
                } else if (b >= 0xE0 && b <= 0xEF) {
                    lower = b == 0xE0 ? 0xA0 : lower;
                    upper = b == 0xED ? 0x9F : upper;
                    bytesNeeded = 2;
                    codePoint = b & 0xF;
                } else if (b >= 0xF0 && b <= 0xF4) {
                    lower = b == 0xF0 ? 0x90 : lower;
                    upper = b == 0xF4 ? 0x8F : upper;
                    bytesNeeded = 3;
                    codePoint = b & 0x7;
                } else {
                    out.append('\uFFFD');
                }
                continue;
            }
            boolean inside = lower <= b && b <= upper;
            lower = 0x80;
            upper = 0xBF;
            if (!inside) {
                bytesNeeded = 0;
                bytesSeen = 0;
                out.append('\uFFFD');
                i--; // "restore byte to ioQueue"
                continue;
            }
            codePoint = (codePoint << 6) | (b & 0x3F);
            if (++bytesSeen == bytesNeeded) {
                out.appendCodePoint(codePoint);
                bytesNeeded = 0;
                bytesSeen = 0;
            }
        }
        return bytesNeeded == 0 ? out.toString() : out.append('\uFFFD').toString();
    }
}
