package dev.freshet.gateway.model;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Someone who serves models over an API.
///
/// @param name what the configuration calls it
/// @param baseUrl the API's base, without a slash at its end: `https://api.deepseek.com/v1`
/// @param auth whose key goes to it
/// @param headers more headers for each request to it
/// @param prefill how it goes on with an answer that has begun; null where it cannot
/// @param authorities certificates as PEM: the provider's own must be signed by one of them; null where the
/// usual authorities are trusted
/// @param asksUsage whether it is asked to report what a streamed answer takes
/// @param abort whether closing the connection ends what it bills
/// @param readOn whether an answer that nobody wants any more is read to its end all the same, because it is
/// billed
public record Provider(
        String name,
        URI baseUrl,
        Auth auth,
        Map<String, String> headers,
        @Nullable Prefill prefill,
        @Nullable String authorities,
        boolean asksUsage,
        Abort abort,
        boolean readOn) {

    /// A provider that can not go on with an answer, behind a certificate that everybody trusts.
    public Provider(String name, URI baseUrl, Auth auth, Map<String, String> headers) {
        this(name, baseUrl, auth, headers, null, null, true, Abort.usual(baseUrl), false);
    }

    /// Whose key a request upstream carries.
    public sealed interface Auth {
        /// None: a model server of one's own.
        record None() implements Auth {}

        /// The operator's; at least one.
        record Keys(List<Secret> all) implements Auth {}

        /// The client's own, as it came.
        record Caller() implements Auth {}
    }

    /// The same provider, as it is asked to go on with an answer.
    public Provider forPrefill() {
        if (prefill == null || prefill.baseUrl() == null) return this;
        return at(prefill.baseUrl());
    }

    /// The same provider at another address.
    public Provider at(URI otherBase) {
        return new Provider(name, otherBase, auth, headers, prefill, authorities, asksUsage, abort, readOn);
    }

    /// The port to connect to: the address's own, else its scheme's.
    public int port() {
        return baseUrl.getPort() != -1 ? baseUrl.getPort() : tls() ? 443 : 80;
    }

    public boolean tls() {
        return "https".equals(baseUrl.getScheme());
    }
}
