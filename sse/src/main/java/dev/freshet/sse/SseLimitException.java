package dev.freshet.sse;

/// A line or an event of a stream is larger than the decoder was told to take. The decoder that threw it takes no
/// more bytes.
public final class SseLimitException extends RuntimeException {
    /// What was too large.
    public enum Limit {
        /// One line, without its line end.
        LINE,
        /// The data of one event: its lines and the line feeds between them.
        EVENT
    }

    private static final long serialVersionUID = 1;

    private final Limit limit;
    private final int maxBytes;

    SseLimitException(Limit limit, int maxBytes) {
        super(
                limit == Limit.LINE
                        ? "a line of the event stream is longer than the limit of " + maxBytes + " bytes"
                        : "an event of the stream has more data than the limit of " + maxBytes + " bytes");
        this.limit = limit;
        this.maxBytes = maxBytes;
    }

    /// Which limit was exceeded.
    public Limit limit() {
        return limit;
    }

    /// The limit itself, in bytes. How large the line or event would have become is not known.
    public int maxBytes() {
        return maxBytes;
    }
}
