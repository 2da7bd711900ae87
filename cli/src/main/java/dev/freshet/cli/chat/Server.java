package dev.freshet.cli.chat;

import dev.freshet.gateway.config.ConfigException;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.config.KnownProvider;
import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whom to ask, and with which key.
///
/// @param base an API's base, ready for `/chat/completions`
/// @param key for its Bearer; empty for none
record Server(String base, String key) {
    private static final String LOCAL = "http://127.0.0.1:8080/v1";
    private static final Pattern VERSION = Pattern.compile("v\\d\\w*");

    /// Without an address: the gateway of this machine. A key of the environment's goes only to whom it
    /// belongs: a provider's own to its address, `FRESHET_KEY` to a gateway on this machine.
    ///
    /// @throws ConfigException where the address is none
    static Server of(@Nullable String address, @Nullable String key, Environment environment) {
        String base = address == null ? LOCAL : base(address.strip());
        return new Server(base, key != null ? key : known(base, environment));
    }

    private static String base(String address) {
        String full = address.contains("://") ? address : "http://" + address;
        URI uri;
        try {
            uri = URI.create(full);
        } catch (IllegalArgumentException e) {
            throw wrong();
        }
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) throw wrong();
        if (uri.getUserInfo() != null || uri.getQuery() != null || uri.getFragment() != null) throw wrong();
        String path = uri.getPath().replaceFirst("/+$", "").replaceFirst("/chat/completions$", "");
        boolean versioned = VERSION.asMatchPredicate().test(path.substring(path.lastIndexOf('/') + 1));
        String origin = full.substring(0, full.length() - uri.getRawPath().length());
        String plain = origin + path;
        if (versioned
                || KnownProvider.ALL.stream().anyMatch(known -> known.baseUrl().equals(plain))) return plain;
        return plain + "/v1";
    }

    private static ConfigException wrong() {
        return new ConfigException(
                "-u takes an API's address, like http://127.0.0.1:8080 or https://api.deepseek.com/v1");
    }

    private static String known(String base, Environment environment) {
        URI uri = URI.create(base);
        for (KnownProvider provider : KnownProvider.ALL) {
            URI its = URI.create(provider.baseUrl());
            if (its.getScheme().equals(uri.getScheme()) && its.getAuthority().equals(uri.getAuthority()))
                return environment.get(provider.variable()).orElse("");
        }
        return loopback(uri.getHost()) ? environment.get("FRESHET_KEY").orElse("") : "";
    }

    private static boolean loopback(String host) {
        return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}");
    }

    /// Shows no key.
    @Override
    public String toString() {
        return "Server[" + base + "]";
    }
}
