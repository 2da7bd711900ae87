package dev.freshet.client;

import java.time.Duration;

/// A limit of time is over ([ChatOptions]). Any thread may read it.
public final class TimeLimitException extends ChatException {
    private static final long serialVersionUID = 1;

    private final Limit limit;

    /// Which limit.
    public enum Limit {
        /// Between the request and the first content.
        FIRST_TOKEN("first_token_limit", "no content came within %s"),
        /// Between two pieces of content.
        IDLE("idle_limit", "the stream was silent for %s"),
        /// Of the whole call.
        TOTAL("total_limit", "the answer was not complete after %s");

        final String code;
        final String message;

        Limit(String code, String message) {
            this.code = code;
            this.message = message;
        }
    }

    TimeLimitException(Limit limit, Duration length, Facts facts) {
        super(limit.message.formatted(text(length)), facts.with(limit.code, limit != Limit.TOTAL), null);
        this.limit = limit;
    }

    private static String text(Duration length) {
        return length.toMillis() % 1_000 == 0 ? length.toSeconds() + " s" : length.toMillis() + " ms";
    }

    /// Which limit was over.
    public Limit limit() {
        return limit;
    }
}
