package dev.freshet.client;

import org.jspecify.annotations.Nullable;

/// Too much was asked for ([#retryAfter]), or a budget is used up.
public final class RateLimitedException extends ChatException {
    private static final long serialVersionUID = 1;

    RateLimitedException(String message, Facts facts, @Nullable Throwable cause) {
        super(message, facts, cause);
    }
}
