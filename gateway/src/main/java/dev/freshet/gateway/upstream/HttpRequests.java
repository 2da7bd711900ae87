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

    /// `Retry-After` in seconds or as a date (RFC 9110, 10.2.3); null where it is absent or neither.
    static @Nullable Duration retryAfter(HttpHeaders headers) {
        String value = headers.get(HttpHeaderNames.RETRY_AFTER);
        if (value == null) return null;
        if (value.matches("\\d{1,9}")) return Duration.ofSeconds(Long.parseLong(value));
        try {
            ZonedDateTime date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration wait = Duration.between(Instant.now(), date.toInstant());
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
