package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `freshet serve` that is told to end while an answer is under way.
@Tag("program")
@Timeout(120)
class StopWireTest {
    private static final int TERMINATED = 143;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    /// With an hour for what runs, so that only the answer's end, or a second signal, ends it.
    private ServeProcess serve(Simulator simulator) throws IOException, InterruptedException {
        simulator.script(
                "waits",
                Script.of(
                        Steps.head(),
                        Steps.text("a"),
                        Steps.gate("go"),
                        Steps.text("b"),
                        Steps.done(),
                        Steps.lastChunk()));
        return new ServeProcess(folder, """
                providers: {up: {base_url: "%s"}}
                models: {"*": {targets: [{provider: up}]}}
                limits: {drain: 60m}
                """.formatted(simulator.baseUri()));
    }

    private InputStream begun(ServeProcess gateway) throws IOException, InterruptedException {
        HttpRequest ask = HttpRequest.newBuilder(URI.create(gateway.url() + "/v1/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"model\":\"waits\",\"stream\":true,\"messages\":[]}"))
                .build();
        InputStream body = client.send(ask, BodyHandlers.ofInputStream()).body();
        assertThat(body.read()).isEqualTo('d');
        return body;
    }

    private void awaitDraining(ServeProcess gateway) throws IOException, InterruptedException {
        HttpRequest ask = HttpRequest.newBuilder(URI.create(gateway.url() + "/health/ready"))
                .build();
        while (client.send(ask, BodyHandlers.discarding()).statusCode() != 503) Thread.sleep(10);
    }

    @Test
    void aSignalLetsWhatRunsEndAndIsTheExitCode() throws Exception {
        try (Simulator simulator = Simulator.builder().start();
                ServeProcess gateway = serve(simulator);
                InputStream body = begun(gateway)) {
            gateway.terminate();
            awaitDraining(gateway);
            simulator.open("go");
            assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8)).contains("\"b\"", "[DONE]");
            assertThat(gateway.exitCode()).isEqualTo(TERMINATED);
        }
    }

    @Test
    void aSecondSignalEndsItAtOnce() throws Exception {
        try (Simulator simulator = Simulator.builder().start();
                ServeProcess gateway = serve(simulator);
                InputStream body = begun(gateway)) {
            gateway.terminate();
            awaitDraining(gateway);
            gateway.terminate();
            assertThat(gateway.exitCode()).isEqualTo(TERMINATED);
            assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
        }
    }
}
