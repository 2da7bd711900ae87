package dev.freshet.cli;

import dev.freshet.gateway.model.Provider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Whether a model server answers on this machine.
final class LocalServers {
    private static final int CONNECT_MILLIS = 200;
    private static final Duration LIMIT = Duration.ofMillis(800);

    private LocalServers() {}

    /// A connection alone is no sign: other programs like the same ports. Its list of models is.
    static boolean answers(Provider provider) {
        return accepts(provider) && lists(provider);
    }

    private static boolean accepts(Provider provider) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(provider.baseUrl().getHost(), provider.port()), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean lists(Provider provider) {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
            URI models = URI.create(provider.baseUrl() + "/models");
            var response = client.send(
                    HttpRequest.newBuilder(models).timeout(LIMIT).build(),
                    BodyHandlers.ofString(StandardCharsets.UTF_8));
            return response.statusCode() == 200 && response.body().contains("\"data\"");
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
