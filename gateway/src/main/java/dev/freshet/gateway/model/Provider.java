package dev.freshet.gateway.model;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Someone who serves models over an API.
///
/// @param name what the configuration calls it
/// @param baseUrl the API's base, without a slash at its end: `https://api.deepseek.com/v1`
/// @param auth whose key goes to it
/// @param headers more headers for each request to it
/// @param prefill how it goes on with an answer that has begun; null where it cannot
public record Provider(
        String name,
        URI baseUrl,
        Auth auth,
        Map<String, String> headers,
        @Nullable Prefill prefill) {

    /// A provider that can not go on with an answer.
    public Provider(String name, URI baseUrl, Auth auth, Map<String, String> headers) {
        this(name, baseUrl, auth, headers, null);
    }

    /// Whose key a request upstream carries.
    public sealed interface Auth {
        /// None: a model server of one's own.
        record None() implements Auth {}

        /// The operator's.
        record Key(Secret secret) implements Auth {}

        /// The client's own, as it came.
        record Caller() implements Auth {}
    }

    /// The same provider, as it is asked to go on with an answer.
    public Provider forPrefill() {
        if (prefill == null || prefill.baseUrl() == null) return this;
        return new Provider(name, prefill.baseUrl(), auth, headers, prefill);
    }

    /// The port to connect to: the address's own, else its scheme's.
    public int port() {
        return baseUrl.getPort() != -1 ? baseUrl.getPort() : tls() ? 443 : 80;
    }

    public boolean tls() {
        return "https".equals(baseUrl.getScheme());
    }
}
