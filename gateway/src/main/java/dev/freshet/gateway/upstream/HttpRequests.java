package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.HttpProxy;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Secret;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Requests to providers as HTTP, and what their responses' headers say.
final class HttpRequests {
    /// Nobody means to wait that long.
    private static final Duration ABSURD = Duration.ofDays(1);

    private HttpRequests() {}

    /// Only what the provider needs goes to it: nothing of the client's own headers, but its key where the
    /// provider is asked with that.
    ///
    /// @param proxy that reads the request and passes it on; null where there is none
    static FullHttpRequest chat(Call call, @Nullable HttpProxy proxy) {
        Provider provider = call.target().provider();
        // RFC 9112, 3.2.2: a proxy is told the whole address.
        String base = proxy == null
                ? provider.baseUrl().getRawPath()
                : provider.baseUrl().toString();
        String path = base + "/chat/completions";
        FullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.POST, path, Unpooled.wrappedBuffer(call.body()));
        HttpHeaders headers = request.headers();
        headers.set(HttpHeaderNames.HOST, provider.baseUrl().getRawAuthority());
        headers.set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        headers.set(HttpHeaderNames.CONTENT_LENGTH, call.body().length);
        headers.set(HttpHeaderNames.ACCEPT, call.stream() ? "text/event-stream" : "application/json");
        headers.set(HttpHeaderNames.ACCEPT_ENCODING, "identity");
        headers.set(HttpHeaderNames.USER_AGENT, "freshet");
        if (call.bearer() != null) headers.set(HttpHeaderNames.AUTHORIZATION, "Bearer " + call.bearer());
        if (proxy != null && proxy.login() != null) {
            headers.set(HttpHeaderNames.PROXY_AUTHORIZATION, basic(proxy.login()));
        }
        provider.headers().forEach(headers::set);
        return request;
    }

    /// The value of `Proxy-Authorization` (RFC 7617).
    static String basic(Secret login) {
        return "Basic " + Base64.getEncoder().encodeToString(login.value().getBytes(StandardCharsets.UTF_8));
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
