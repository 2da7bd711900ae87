package dev.freshet.client;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a server says of a failure, in the body of a response or in an event. Servers differ: OpenAI's
/// `{"error": {…}}`, `{"object": "error"}`, a bare `{"message"}` in an event of type `error`, FastAPI's
/// `{"detail"}`.
///
/// @param message empty where there is none
/// @param code empty where there is none
/// @param status that it names or means; 0 where it does neither
/// @param retryable null where it does not say
/// @param retryAfter null where it does not say
record ServerError(
        String message,
        String code,
        int status,
        @Nullable Boolean retryable,
        @Nullable Duration retryAfter) {
    private static final long MOST_SECONDS = Duration.ofDays(3650).toSeconds();

    /// The error in an object; null where there is none.
    static @Nullable ServerError of(Map<?, ?> body) {
        Object error = body.get("error");
        if (error instanceof Map<?, ?> inner) return read(inner);
        if (error instanceof String message) return new ServerError(message, "", 0, null, null);
        if ("error".equals(body.get("object")) || "error".equals(body.get("type"))) return read(body);
        return null;
    }

    /// The error that an object is.
    static ServerError read(Map<?, ?> error) {
        String message = string(error.get("message"));
        if (message.isEmpty()) message = string(error.get("detail"));
        Object code = error.get("code");
        Object status = error.get("status");
        int number = status instanceof Number n ? n.intValue() : code instanceof Number n ? n.intValue() : 0;
        String name = string(code);
        String type = string(error.get("type"));
        if (name.isEmpty()) name = type;
        return new ServerError(
                message,
                name,
                number >= 400 && number <= 599 ? number : meant(name + " " + type),
                error.get("retryable") instanceof Boolean yes ? yes : null,
                error.get("retry_after") instanceof Number n ? seconds(n) : null);
    }

    private static Duration seconds(Number number) {
        double seconds = Math.max(0, Math.min(number.doubleValue(), (double) MOST_SECONDS));
        return Duration.ofMillis(BigDecimal.valueOf(seconds).movePointRight(3).longValue());
    }

    private static int meant(String names) {
        String all = names.toLowerCase(Locale.ROOT);
        if (all.contains("rate_limit") || all.contains("quota")) return 429;
        if (all.contains("overloaded")) return 503;
        if (all.contains("authentication") || all.contains("api_key")) return 401;
        if (all.contains("permission")) return 403;
        if (all.contains("not_found")) return 404;
        if (all.contains("invalid_request")) return 400;
        return 0;
    }

    private static String string(@Nullable Object value) {
        return value instanceof String text ? text : "";
    }
}
