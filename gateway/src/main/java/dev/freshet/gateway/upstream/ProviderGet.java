package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.HttpProxy;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Proxies;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Asks providers for something beside answers. Seldom and off the event loops, so with the JDK's client.
public final class ProviderGet {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private ProviderGet() {}

    /// Asks, with the first of the provider's keys, and waits up to five seconds.
    ///
    /// @param proxies what leads to it
    public static HttpResponse<byte[]> send(Provider provider, Proxies proxies, URI address)
            throws IOException, InterruptedException {
        HttpProxy proxy = proxies.towards(
                provider.tls(), Origin.of(provider).host(), Origin.of(provider).port());
        try (HttpClient client = client(provider, proxy)) {
            return client.send(request(provider, proxy, address), BodyHandlers.ofByteArray());
        }
    }

    private static HttpClient client(Provider provider, @Nullable HttpProxy proxy) throws IOException {
        HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(LIMIT);
        if (proxy != null) client.proxy(ProxySelector.of(new InetSocketAddress(proxy.host(), proxy.port())));
        if (provider.authorities() != null) client.sslContext(Tls.trusting(provider.authorities()));
        return client.build();
    }

    private static HttpRequest request(Provider provider, @Nullable HttpProxy proxy, URI address) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(LIMIT);
        if (provider.auth() instanceof Provider.Auth.Keys(var keys)) {
            request.header("Authorization", "Bearer " + keys.getFirst().value());
        }
        if (proxy != null && proxy.login() != null)
            request.header("Proxy-Authorization", HttpRequests.basic(proxy.login()));
        provider.headers().forEach(request::setHeader);
        return request.GET().build();
    }
}
