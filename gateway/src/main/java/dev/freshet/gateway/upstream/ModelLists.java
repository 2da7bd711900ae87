package dev.freshet.gateway.upstream;

import dev.freshet.gateway.dialect.openai.ModelNames;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Proxies;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks providers which models they have (`GET …/models`).
public final class ModelLists {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLists.class);

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
        try {
            HttpResponse<byte[]> response =
                    ProviderGet.send(provider, proxies, URI.create(provider.baseUrl() + "/models"));
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
}
