package dev.freshet.gateway.model;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Which proxy leads to an address, as the environment's `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say it.
/// This machine itself is always reached directly. Immutable.
///
/// @param http for `http` addresses; null where there is none
/// @param https for `https` addresses; null where there is none
/// @param direct hosts that are reached without a proxy: `example.com` and all below it, with a port or
/// without, or `*` for all
public record Proxies(@Nullable HttpProxy http, @Nullable HttpProxy https, List<String> direct) {
    public static final Proxies NONE = new Proxies(null, null, List.of());

    /// The proxy on the way to an address; null where it is reached directly.
    public @Nullable HttpProxy towards(boolean tls, String host, int port) {
        HttpProxy proxy = tls ? https : http;
        if (proxy == null || loopback(host)) return null;
        String name = host.toLowerCase(Locale.ROOT);
        for (String entry : direct) if (matches(entry.toLowerCase(Locale.ROOT), name, port)) return null;
        return proxy;
    }

    private static boolean loopback(String host) {
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || host.equals("::1")
                || host.matches("127(\\.\\d{1,3}){3}");
    }

    private static boolean matches(String entry, String host, int port) {
        if (entry.equals("*")) return true;
        String suffix = ":" + port;
        String name = entry.endsWith(suffix) ? entry.substring(0, entry.length() - suffix.length()) : entry;
        String bare = name.replaceFirst("^\\*?\\.", "");
        return host.equals(bare) || host.endsWith("." + bare);
    }
}
