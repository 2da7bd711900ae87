package dev.freshet.gateway.config;

import dev.freshet.gateway.model.HttpProxy;
import dev.freshet.gateway.model.Proxies;
import dev.freshet.gateway.model.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or small letters, as other
/// programs do.
final class ProxyReader {
    private static final int HTTP = 80;

    private final Environment environment;

    ProxyReader(Environment environment) {
        this.environment = environment;
    }

    /// @throws ConfigException where a variable is no address of an HTTP proxy
    Proxies proxies() {
        List<String> direct = variable("no_proxy")
                .map(text -> Arrays.stream(text.split("[,\\s]+", -1))
                        .filter(entry -> !entry.isEmpty())
                        .toList())
                .orElse(List.of());
        return new Proxies(proxy("http_proxy"), proxy("https_proxy"), direct);
    }

    private Optional<String> variable(String name) {
        return environment.get(name).or(() -> environment.get(name.toUpperCase(Locale.ROOT)));
    }

    private @Nullable HttpProxy proxy(String name) {
        String used = variable(name).isPresent() ? name : "all_proxy";
        String text = variable(used).orElse("");
        if (text.isEmpty()) return null;
        try {
            URI uri = new URI(text.contains("://") ? text : "http://" + text);
            if ("http".equals(uri.getScheme()) && uri.getHost() != null) {
                String login = uri.getUserInfo();
                int port = uri.getPort() == -1 ? HTTP : uri.getPort();
                return new HttpProxy(uri.getHost(), port, login == null ? null : new Secret(login));
            }
        } catch (URISyntaxException e) {
            // said below, without the address, which may hold a password
        }
        throw new ConfigException("the environment's " + used.toUpperCase(Locale.ROOT)
                + " is no address of an HTTP proxy; expected something like http://proxy.example.com:3128");
    }
}
