package dev.freshet.gateway.upstream;

import dev.freshet.gateway.dialect.openai.ModelNames;
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
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks providers which models they have (`GET …/models`). Seldom and off the event loops, so with the JDK's
/// client.
public final class ModelLists {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLists.class);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private ModelLists() {}

    /// Asks in the background.
    ///
    /// @param told gets the names once, on another thread; none where the provider can not be asked
    ///
    /// @param proxies what leads to it
    public static void fetch(Provider provider, Proxies proxies, Consumer<List<String>> told) {
        Thread.ofVirtual().name("models-of-" + provider.name()).start(() -> told.accept(names(provider, proxies)));
    }

    private static List<String> names(Provider provider, Proxies proxies) {
        HttpProxy proxy = proxies.towards(
                provider.tls(), Origin.of(provider).host(), Origin.of(provider).port());
        try (HttpClient client = client(provider, proxy)) {
            HttpResponse<byte[]> response = client.send(request(provider, proxy), BodyHandlers.ofByteArray());
            if (response.statusCode() == 200) return ModelNames.read(response.body());
            LOG.warn(
                    "{} answered {} when it was asked for its models; name them as {}/MODEL",
                    provider.name(),
                    response.statusCode(),
                    provider.name());
        } catch (IOException e) {
            LOG.warn(
                    "{} could not be asked for its models ({}); name them as {}/MODEL",
                    provider.name(),
                    e.getClass().getSimpleName(),
                    provider.name());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return List.of();
    }

    private static HttpClient client(Provider provider, @Nullable HttpProxy proxy) throws IOException {
        HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(LIMIT);
        if (proxy != null) client.proxy(ProxySelector.of(new InetSocketAddress(proxy.host(), proxy.port())));
        if (provider.authorities() != null) client.sslContext(Tls.trusting(provider.authorities()));
        return client.build();
    }

    private static HttpRequest request(Provider provider, @Nullable HttpProxy proxy) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(provider.baseUrl() + "/models"))
                .timeout(LIMIT);
        if (provider.auth() instanceof Provider.Auth.Keys(var keys)) {
            request.header("Authorization", "Bearer " + keys.getFirst().value());
        }
        if (proxy != null && proxy.login() != null)
            request.header("Proxy-Authorization", HttpRequests.basic(proxy.login()));
        provider.headers().forEach(request::setHeader);
        return request.GET().build();
    }
}
