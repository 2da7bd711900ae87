package dev.freshet.gateway;

import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// How a test's client speaks to the gateway, and the gateway to its provider.
enum Front {
    HTTP_1_1("HTTP/1.1", HttpClient.Version.HTTP_1_1),
    TLS("TLS", HttpClient.Version.HTTP_1_1),
    HTTP_2("HTTP/2", HttpClient.Version.HTTP_2);

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final ConcurrentMap<Front, HttpClient> CLIENTS = new ConcurrentHashMap<>();

    private final String words;
    private final HttpClient.Version version;

    Front(String words, HttpClient.Version version) {
        this.words = words;
        this.version = version;
    }

    boolean secured() {
        return this != HTTP_1_1;
    }

    /// For `listen`.
    String listen(Path folder) throws IOException {
        return listen(folder, 0);
    }

    String listen(Path folder, int port) throws IOException {
        return "port: " + port + (secured() ? ", " + Tls.yaml(folder, "localhost") : "");
    }

    /// The provider's base.
    URI of(Simulator simulator) {
        return switch (this) {
            case HTTP_1_1 -> simulator.baseUri();
            case TLS -> simulator.tlsUri();
            case HTTP_2 -> simulator.http2Uri();
        };
    }

    /// An answer; a byte in each character of its body.
    record Answer(int status, HttpResponse<byte[]> response) {
        String latin() {
            return new String(response.body(), StandardCharsets.ISO_8859_1);
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }
    }

    /// Asks for a path, and waits for all of the answer.
    ///
    /// @param body null for a GET
    /// @param headers names and values
    Answer ask(Gateway gateway, String path, @Nullable String body, String... headers) throws IOException {
        HttpClient client = CLIENTS.computeIfAbsent(this, _ -> Tls.client(version));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create((secured() ? "https" : "http") + "://localhost:"
                        + gateway.address().getPort() + path))
                .timeout(LIMIT);
        if (body != null)
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) request.headers(headers);
        try {
            HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            if (response.version() != version) throw new AssertionError("it spoke " + response.version());
            return new Answer(response.statusCode(), response);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /// A client that speaks so, of its own.
    HttpClient client() {
        return Tls.client(version);
    }

    /// Posts, and does not wait for the answer.
    CompletableFuture<HttpResponse<byte[]>> begin(HttpClient client, InetSocketAddress at, String path, String body) {
        URI uri = URI.create((secured() ? "https" : "http") + "://localhost:" + at.getPort() + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    /// The events of an answer, and the names of those that have one.
    static List<EventClient.Event> events(Answer answer) {
        return EventClient.decoded(answer.response().body());
    }

    @Override
    public String toString() {
        return words;
    }
}
