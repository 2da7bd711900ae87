package dev.freshet.gateway.http;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which web pages may use the gateway, and under which names it may be asked. Immutable.
///
/// Where no key is asked for on a loopback listener, any page that a browser on this machine shows could spend:
/// by a blind POST, or by a name of its own that it points to 127.0.0.1 (DNS rebinding). So there a foreign
/// `Host` or `Origin` is refused before anything is spent.
///
/// @param onLoopback whether it listens there only
/// @param askForKeys whether a key is asked for, which no foreign page has
/// @param names Host names besides loopback ones
/// @param cors origins of pages that may use the gateway
record OriginPolicy(boolean onLoopback, BooleanSupplier askForKeys, List<String> names, List<String> cors) {
    private static final Logger LOG = LoggerFactory.getLogger(OriginPolicy.class);
    private static final Pattern PORT = Pattern.compile(":\\d*$");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final String EXPOSED =
            "Freshet-Stream, Freshet-Model, Freshet-Provider, Freshet-Attempts, x-request-id, Retry-After,"
                    + " x-should-retry, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests,"
                    + " x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens";

    /// Whether foreign ones are refused.
    private boolean guarded() {
        return onLoopback && !askForKeys.getAsBoolean();
    }

    /// @return why the request is refused, or null
    @Nullable
    Failure refusal(Request request) {
        if (!guarded()) return null;
        String host = String.valueOf(request.header(HttpHeaderNames.HOST));
        if (!knownHost(host)) {
            LOG.warn(
                    "refused a request for Host {}; listen.names: [{}] would allow it",
                    shown(host),
                    shown(nameOf(host)));
            return forbidden("This gateway is not asked under the name " + shown(host)
                    + "; use localhost, or add the name to listen.names.");
        }
        String origin = request.header(HttpHeaderNames.ORIGIN);
        if (origin != null && !allowed(origin) && !own(origin, host)) {
            LOG.warn(
                    "refused a page of origin {}; listen.cors: [\"{}\"] or --cors {} would allow it",
                    shown(origin),
                    shown(origin),
                    shown(origin));
            return forbidden("Pages of " + shown(origin) + " may not use this gateway; add the origin to listen.cors.");
        }
        return null;
    }

    /// The headers that let an allowed page read the answer; nothing for others.
    void expose(Request request, HttpHeaders answer) {
        String origin = request.header(HttpHeaderNames.ORIGIN);
        if (origin == null) return;
        answer.set(HttpHeaderNames.VARY, "Origin");
        if (!allowed(origin)) return;
        answer.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.set(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }

    /// The headers of an answer to a preflight, which asks what a page may send (Fetch, 3.2.2 "HTTP requests").
    ///
    /// @param methods of the path
    void preflight(Request request, String methods, HttpHeaders answer) {
        String origin = request.header(HttpHeaderNames.ORIGIN);
        if (origin == null || !allowed(origin)) return;
        answer.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, methods);
        String headers = request.header(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS);
        if (headers != null) answer.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, headers);
        answer.set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, "600");
    }

    private boolean allowed(String origin) {
        return cors.contains("*") || cors.contains(origin) || (onLoopback && loopbackOrigin(origin));
    }

    /// The gateway's own page, under a name that is known: a browser names its origin too, for modules and for POSTs.
    private static boolean own(String origin, String host) {
        return origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host);
    }

    private static boolean loopbackOrigin(String origin) {
        try {
            URI uri = new URI(origin);
            return uri.getHost() != null && LOOPBACK.contains(uri.getHost().toLowerCase(Locale.ROOT));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private boolean knownHost(String host) {
        String name = nameOf(host);
        return LOOPBACK.contains(name) || names.stream().anyMatch(known -> known.equalsIgnoreCase(name));
    }

    private static String nameOf(String host) {
        return PORT.matcher(host).replaceFirst("").toLowerCase(Locale.ROOT);
    }

    private static Failure forbidden(String message) {
        return Failure.of(FailureCode.FORBIDDEN, message);
    }

    private static String shown(String text) {
        String clean = text.replaceAll("[^\\x21-\\x7e]", "?");
        return clean.length() <= 100 ? clean : clean.substring(0, 100) + "…";
    }
}
