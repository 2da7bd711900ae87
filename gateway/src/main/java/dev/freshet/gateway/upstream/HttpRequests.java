package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.Provider;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/// Requests to providers as HTTP, and what their responses' headers say.
final class HttpRequests {
    /// Nobody means to wait that long.
    private static final Duration ABSURD = Duration.ofDays(1);

    private HttpRequests() {}

    /// Only what the provider needs goes to it: nothing of the client's own headers, but its key where the
    /// provider is asked with that.
    static FullHttpRequest chat(Call call) {
        Provider provider = call.target().provider();
        String path = provider.baseUrl().getRawPath() + "/chat/completions";
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.POST, path, Unpooled.wrappedBuffer(call.body()));
        HttpHeaders headers = request.headers();
        headers.set(HttpHeaderNames.HOST, provider.baseUrl().getRawAuthority());
        headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        headers.set(HttpHeaderNames.CONTENT_LENGTH, call.body().length);
        headers.set(HttpHeaderNames.ACCEPT, call.stream() ? "text/event-stream" : "application/json");
        headers.set(HttpHeaderNames.ACCEPT_ENCODING, "identity");
        headers.set(HttpHeaderNames.USER_AGENT, "freshet");
        switch (provider.auth()) {
            case Provider.Auth.Key(var secret) ->
                headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + secret.value());
            case Provider.Auth.Caller() -> {
                if (call.callerKey() != null) headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + call.callerKey());
            }
            case Provider.Auth.None() -> {}
        }
        provider.headers().forEach(headers::set);
        return request;
    }

    /// How long a provider asks to be left alone: `retry-after-ms`, which some send, else `Retry-After` in
    /// seconds or as a date (RFC 9110, 10.2.3). Null where neither says something that can be meant.
    static @Nullable Duration retryAfter(HttpHeaders headers) {
        Duration wait = said(headers);
        return wait == null || wait.isNegative() || wait.compareTo(ABSURD) > 0 ? null : wait;
    }

    private static @Nullable Duration said(HttpHeaders headers) {
        String millis = headers.get("retry-after-ms");
        if (millis != null && millis.matches("\\d{1,9}(\\.\\d{1,9})?")) {
            return Duration.ofMillis((long) Double.parseDouble(millis));
        }
        String value = headers.get(HttpHeaderNames.RETRY_AFTER);
        if (value == null) return null;
        if (value.matches("\\d{1,9}(\\.\\d{1,9})?"))
            return Duration.ofMillis((long) (Double.parseDouble(value) * 1000));
        try {
            ZonedDateTime date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration wait = Duration.between(Instant.now(), date.toInstant());
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
