package dev.freshet.bench.load;

import java.net.ProtocolException;
import java.util.Locale;

/// Reads an HTTP/1.1 response with status 200 and a chunked body (RFC 9112, 7.1), however it is split. Proxies cut
/// chunks where they like, so a token's text may lie in two. Not thread-safe.
final class ResponseReader {
    /// Takes the body's bytes `from` to `to`, which are valid during the call.
    interface Body {
        void payload(byte[] bytes, int from, int to);
    }

    private enum State {
        HEAD,
        SIZE,
        PAYLOAD,
        PAYLOAD_END,
        TRAILER,
        DONE
    }

    private static final int MOST_HEAD = 16 * 1024;

    private final StringBuilder head = new StringBuilder();
    private State state = State.HEAD;
    private int size;
    private boolean extension;
    private int line;

    void restart() {
        head.setLength(0);
        size = 0;
        extension = false;
        state = State.HEAD;
    }

    /// Returns true when the response is complete.
    ///
    /// @throws ProtocolException where it is another response, or bytes follow its end
    boolean read(byte[] bytes, int length, Body body) throws ProtocolException {
        int at = 0;
        while (at < length) {
            switch (state) {
                case HEAD -> head(bytes[at++]);
                case SIZE -> size(bytes[at++]);
                case PAYLOAD -> {
                    int take = Math.min(size, length - at);
                    body.payload(bytes, at, at + take);
                    at += take;
                    size -= take;
                    if (size == 0) state = State.PAYLOAD_END;
                }
                case PAYLOAD_END -> {
                    if (bytes[at++] == '\n') state = State.SIZE;
                }
                case TRAILER -> trailer(bytes[at++]);
                case DONE -> throw new ProtocolException("bytes after the response's end");
            }
        }
        return state == State.DONE;
    }

    private void head(byte next) throws ProtocolException {
        head.append((char) (next & 0xff));
        int length = head.length();
        if (length > MOST_HEAD) throw new ProtocolException("the head does not end");
        if (next != '\n' || length < 4 || head.charAt(length - 3) != '\n') return;
        String text = head.toString().toLowerCase(Locale.ROOT);
        if (!text.startsWith("http/1.1 200 ") || !text.contains("transfer-encoding: chunked")) {
            throw new ProtocolException("not a streamed answer: " + head);
        }
        state = State.SIZE;
    }

    private void size(byte next) throws ProtocolException {
        if (next == '\n') {
            state = size == 0 ? State.TRAILER : State.PAYLOAD;
            extension = false;
            line = 0;
        } else if (next == ';') {
            extension = true;
        } else if (next != '\r' && !extension) {
            int digit = Character.digit(next, 16);
            if (digit < 0) throw new ProtocolException("not a chunk's size: " + (char) next);
            size = size << 4 | digit;
        }
    }

    private void trailer(byte next) {
        if (next == '\n') {
            if (line == 0) state = State.DONE;
            line = 0;
        } else if (next != '\r') {
            line++;
        }
    }
}
