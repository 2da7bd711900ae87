package dev.freshet.gateway.upstream;

import dev.freshet.gateway.dialect.openai.ModelNames;
import dev.freshet.gateway.model.Provider;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
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
    public static void fetch(Provider provider, Consumer<List<String>> told) {
        Thread.ofVirtual().name("models-of-" + provider.name()).start(() -> told.accept(names(provider)));
    }

    private static List<String> names(Provider provider) {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
            HttpResponse<byte[]> response = client.send(request(provider), BodyHandlers.ofByteArray());
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

    private static HttpRequest request(Provider provider) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(provider.baseUrl() + "/models"))
                .timeout(LIMIT);
        if (provider.auth() instanceof Provider.Auth.Key(var secret)) {
            request.header("Authorization", "Bearer " + secret.value());
        }
        provider.headers().forEach(request::setHeader);
        return request.GET().build();
    }
}
