package dev.freshet.client;

import org.jspecify.annotations.Nullable;

/// Too much was asked for ([#retryAfter]), or a budget is used up. Any thread may read it.
public final class RateLimitedException extends ChatException {
    private static final long serialVersionUID = 1;

    RateLimitedException(String message, Facts facts, @Nullable Throwable cause) {
        super(message, facts, cause);
    }
}
