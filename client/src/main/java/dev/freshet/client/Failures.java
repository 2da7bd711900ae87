package dev.freshet.client;

import dev.freshet.client.ChatException.Facts;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// What goes wrong, as the exceptions that users see. No message holds the key. Thread-safe.
final class Failures {
    private static final int SHOWN = 300;

    private final String base;
    private final String key;

    Failures(String base, String key) {
        this.base = base;
        this.key = key;
    }

    /// What broke the exchange underneath: no connection, or one that broke.
    ///
    /// @param sent whether the head has come, so that a connection there was
    ChatException broken(Throwable thrown, boolean sent, Facts facts) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (!sent) {
            String why = unreachable(cause);
            if (!why.isEmpty())
                return new UnreachableException(
                        base + " cannot be reached: " + why, facts.with("unreachable", true), cause);
        }
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return truncated("the connection broke (" + message + ")", facts, cause);
    }

    /// Why no connection was made; empty where one was.
    private static String unreachable(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException)
                return "its name is not known";
            if (cause instanceof HttpConnectTimeoutException) return "connecting takes too long";
            if (cause instanceof ConnectException)
                return cause.getMessage() == null ? "the connection is refused" : cause.getMessage();
            if (cause instanceof SSLException) return "TLS fails (" + cause.getMessage() + ")";
        }
        return "";
    }

    TruncatedStreamException truncated(String why, Facts facts, @Nullable Throwable cause) {
        return new TruncatedStreamException(
                why + " before the answer was complete", facts.with("truncated", true), cause);
    }

    BrokenStreamException nonsense(String what, Facts facts) {
        return new BrokenStreamException(clean(what), facts.with("broken", facts.status() >= 500), null);
    }

    /// A response that is no answer.
    ChatException refused(int status, HttpHeaders headers, byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        Map<String, @Nullable Object> json = Json.object(text);
        ServerError error = json == null ? null : ServerError.of(json);
        if (error == null && json != null) error = ServerError.read(json);
        if (error == null) error = new ServerError("", "", 0, null, null);
        String message = error.message().isEmpty() ? shown(text) : error.message();
        Optional<Duration> wait = retryAfter(headers);
        Facts facts = new Facts(
                error.code().isEmpty() ? "http_" + status : error.code(),
                status,
                requestId(headers),
                shouldRetry(headers).orElse(error.retryable() == null ? mayRetry(status) : error.retryable()),
                wait.orElse(error.retryAfter()));
        return of(status, base + " answered " + status + (message.isEmpty() ? "" : ": " + message), facts);
    }

    /// An error in a stream.
    ChatException said(ServerError error, Facts facts) {
        int status = error.status();
        Facts more = new Facts(
                error.code().isEmpty() ? "server_error" : error.code(),
                status,
                facts.requestId(),
                error.retryable() == null ? mayRetry(status) : error.retryable(),
                error.retryAfter());
        return of(status, error.message().isEmpty() ? "the server says that it failed" : error.message(), more);
    }

    private ChatException of(int status, String message, Facts facts) {
        String clean = clean(message);
        if (status == 429 || status == 402) return new RateLimitedException(clean, facts, null);
        boolean timing = status == 408 || status == 409 || status == 425;
        if (status >= 300 && status < 500 && !timing) return new RefusedException(clean, facts, null);
        return new ServerFailedException(clean, facts, null);
    }

    private static boolean mayRetry(int status) {
        return status == 0 || status == 408 || status == 409 || status == 425 || status == 429 || status >= 500;
    }

    static String requestId(HttpHeaders headers) {
        return headers.firstValue("x-request-id").orElse("");
    }

    private static Optional<Boolean> shouldRetry(HttpHeaders headers) {
        return headers.firstValue("x-should-retry").map(Boolean::parseBoolean);
    }

    /// `retry-after-ms`, or `Retry-After` in seconds or as a date (RFC 9110, 10.2.3). What is neither is
    /// not heeded.
    static Optional<Duration> retryAfter(HttpHeaders headers) {
        String millis = headers.firstValue("retry-after-ms").orElse("");
        if (millis.matches("\\d{1,15}")) return Optional.of(Duration.ofMillis(Long.parseLong(millis)));
        String value = headers.firstValue("Retry-After").orElse("").trim();
        if (value.matches("\\d{1,12}")) return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
        try {
            Instant then = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration wait = Duration.between(Instant.now(), then);
            return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String shown(String body) {
        String line = body.strip().replaceAll("\\s+", " ");
        return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
    }

    /// Servers repeat what they were sent.
    private String clean(String text) {
        return key.isEmpty() ? text : text.replace(key, "[key]");
    }
}
