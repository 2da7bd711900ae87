package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.config.ConfigException;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A gateway that listens with TLS, and speaks HTTP/2 with who asks for it.
class TlsWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Path folder;
    private final Simulator simulator;
    private final Gateway gateway;

    TlsWireTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        simulator = Simulator.builder().recording(true).start();
        gateway = Gateways.withOwners(yaml());
    }

    private String yaml() throws IOException {
        return """
                listen: {port: 0, %s}
                data: "%s"
                providers: {up: {base_url: "%s"}}
                models: {"*": {targets: [{provider: up}]}}
                limits: {write_timeout: 1s, body: 1MiB}
                """.formatted(Tls.yaml(folder, "localhost"), folder.resolve("data"), simulator.baseUri());
    }

    @AfterEach
    void stop() {
        gateway.close();
        simulator.close();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(
                        URI.create("https://localhost:" + gateway.address().getPort() + path))
                .timeout(LIMIT);
    }

    private HttpRequest chat(String model, String... headers) {
        HttpRequest.Builder request = to("/v1/chat/completions").header("Content-Type", "application/json");
        if (headers.length > 0) request.headers(headers);
        return request.POST(HttpRequest.BodyPublishers.ofString(StreamsWireTest.body(model)))
                .build();
    }

    private static String tokens(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> i + " ").collect(Collectors.joining());
    }

    private static String text(String body) {
        return body.lines()
                .filter(line -> line.contains("\"content\":\""))
                .map(line -> line.replaceAll(".*\"content\":\"([^\"]*)\".*", "$1"))
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @EnumSource
    void streamsAWholeAnswerAndAnErrorComeOverEitherVersion(HttpClient.Version version) throws Exception {
        HttpClient client = Tls.client(version);
        HttpResponse<String> streamed = client.send(chat("tokens-500"), BodyHandlers.ofString());
        assertThat(streamed.version()).isEqualTo(version);
        assertThat(streamed.headers().firstValue("content-type")).contains("text/event-stream");
        assertThat(streamed.headers().firstValue("freshet-stream")).isPresent();
        assertThat(text(streamed.body())).isEqualTo(tokens(500));
        assertThat(streamed.body()).endsWith("data: [DONE]\n\n");
        HttpResponse<String> models = client.send(to("/v1/models").build(), BodyHandlers.ofString());
        assertThat(models.statusCode()).isEqualTo(200);
        HttpResponse<String> missing = client.send(to("/nothing").build(), BodyHandlers.ofString());
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(missing.body()).contains("not_found");
    }

    @Test
    void manyAnswersShareAConnectionOfHttp2() throws Exception {
        HttpClient client = Tls.client(HttpClient.Version.HTTP_2);
        client.send(to("/health/live").build(), BodyHandlers.ofString());
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++)
            answers.add(client.sendAsync(chat("tokens-50"), BodyHandlers.ofString(StandardCharsets.UTF_8)));
        for (CompletableFuture<HttpResponse<String>> answer : answers)
            assertThat(text(answer.get().body())).isEqualTo(tokens(50));
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesCancelsTheProvider(HttpClient.Version version) throws Exception {
        simulator.script("stalls", Script.of(Steps.head(), Steps.text("a"), Steps.hang()));
        HttpClient client = Tls.client(version);
        try (InputStream body =
                client.send(chat("stalls"), BodyHandlers.ofInputStream()).body()) {
            assertThat(body.read()).isEqualTo('d');
        }
        simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void aBodyThatIsTooLargeIsSaidBeforeItHasCome(HttpClient.Version version) throws Exception {
        byte[] large = new byte[8 << 20];
        HttpResponse<String> refused = Tls.client(version)
                .send(
                        to("/v1/chat/completions")
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(large))
                                .build(),
                        BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(refused.body()).contains("body_too_large");
    }

    /// Over HTTP/1.1: what a stream of HTTP/2 does is in [Http2WireTest].
    @Test
    void aClientThatDoesNotReadIsLetGoAndItsAnswerIsKept() throws Exception {
        List<Object> steps = new ArrayList<>(List.of(Steps.head()));
        for (int i = 1; i <= 120; i++) steps.add(Steps.text(i + " ".repeat(50_000)));
        steps.addAll(List.of(Steps.done(), Steps.lastChunk()));
        simulator.script("pours", Script.of(steps.toArray()));
        HttpClient client = Tls.client(HttpClient.Version.HTTP_1_1);
        HttpResponse<InputStream> deaf =
                client.send(chat("pours", "Freshet-Ids", "1", "Freshet-Grace", "20s"), BodyHandlers.ofInputStream());
        String id = deaf.headers().firstValue("freshet-stream").orElseThrow();
        Eventually.is(() -> client.send(to("/v1/streams/" + id).build(), BodyHandlers.ofString())
                .body()
                .contains("\"state\":\"completed\""));
        Thread.sleep(2_000);
        assertThatThrownBy(() -> deaf.body().transferTo(java.io.OutputStream.nullOutputStream()))
                .isInstanceOf(IOException.class);
        String whole = client.send(to("/v1/streams/" + id + "/events").build(), BodyHandlers.ofString())
                .body();
        assertThat(whole).contains("-122\n").endsWith("\n\n");
    }

    @Test
    void plainTextAtATlsPortGetsNoAnswer() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            assertThat(wire.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").readAll())
                    .doesNotContain("HTTP/1.1");
        }
    }

    @Test
    void aChangedCertificateServesTheNextConnectionAndRunningStreamsGoOn() throws Exception {
        simulator.script(
                "waits",
                Script.of(
                        Steps.head(),
                        Steps.text("a"),
                        Steps.gate("changed"),
                        Steps.text("b"),
                        Steps.done(),
                        Steps.lastChunk()));
        HttpResponse<InputStream> running =
                Tls.client(HttpClient.Version.HTTP_2).send(chat("waits"), BodyHandlers.ofInputStream());
        assertThat(subject()).isEqualTo("CN=localhost");
        Tls.yaml(folder, "elsewhere");
        gateway.reload(ConfigFile.parse(yamlAsItIs(), "freshet.yaml", new Environment(Map.of())));
        assertThatThrownBy(this::subject).isInstanceOf(SSLHandshakeException.class);
        simulator.open("changed");
        assertThat(new String(running.body().readAllBytes(), StandardCharsets.UTF_8))
                .contains("\"b\"", "[DONE]");
    }

    @Test
    void aKeyOfAnotherCertificateIsSaidWithItsPlace() throws IOException {
        Tls.copy("elsewhere.key", folder.resolve("key.pem"));
        assertThatThrownBy(() -> ConfigFile.parse(yamlAsItIs(), "freshet.yaml", new Environment(Map.of())))
                .isInstanceOf(ConfigException.class)
                .hasMessageMatching("freshet.yaml:1:\\d+: .*key.pem is not the key of the first certificate in .*");
    }

    private String yamlAsItIs() {
        return """
                listen: {port: 0, tls: {certificate: "%1$s/cert.pem", key: "%1$s/key.pem"}}
                data: "%1$s/data"
                providers: {up: {base_url: "%2$s"}}
                models: {"*": {targets: [{provider: up}]}}
                """.formatted(folder, simulator.baseUri());
    }

    private String subject() throws IOException {
        try (SSLSocket socket = (SSLSocket) Tls.trusting()
                .getSocketFactory()
                .createSocket("localhost", gateway.address().getPort())) {
            javax.net.ssl.SSLParameters checked = socket.getSSLParameters();
            checked.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(checked);
            socket.startHandshake();
            return socket.getSession().getPeerPrincipal().getName();
        }
    }
}
