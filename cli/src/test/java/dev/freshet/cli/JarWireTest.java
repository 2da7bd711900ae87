package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The one jar that is released, run by itself: every class that is needed is in it.
@Tag("jar")
class JarWireTest {
    private static final int LIMIT_SECONDS = 30;
    private static final long MOST_BYTES = 40_000_000;
    private static final Path JAR = Path.of(System.getProperty("freshet.jar", "none"));

    private final HttpClient http = HttpClient.newHttpClient();

    private static Process run(Path folder, List<String> arguments) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder = new ProcessBuilder(java, "--enable-native-access=ALL-UNNAMED", "-jar", JAR.toString());
        builder.command().addAll(arguments);
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve(arguments.getFirst() + ".txt").toFile())
                .start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void awaitReady(int port) throws Exception {
        HttpRequest ready = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                .build();
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
                System.nanoTime() < end;
                Thread.sleep(50)) {
            try {
                if (http.send(ready, BodyHandlers.discarding()).statusCode() == 200) return;
            } catch (ConnectException e) {
                // It has not come so far.
            }
        }
        throw new AssertionError("the jar does not serve");
    }

    private String ask(int port, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }

    @Test
    void theJarServesWithAllItHas(@TempDir Path folder) throws Exception {
        assertThat(Files.size(JAR)).isLessThan(MOST_BYTES);
        int port = freePort();
        try (Simulator simulator = Simulator.builder().start()) {
            simulator.script(
                    "m",
                    Script.of(
                            Steps.head(),
                            Steps.text("{\"a\": 1}"),
                            Steps.finish("stop"),
                            Steps.done(),
                            Steps.lastChunk()));
            simulator.script(
                    "bad",
                    Script.of(
                            Steps.head(),
                            Steps.text("{\"a\": \"one\"}"),
                            Steps.finish("stop"),
                            Steps.done(),
                            Steps.lastChunk()));
            Path config =
                    Files.writeString(folder.resolve("freshet.yaml"), """
                    listen: {port: %d}
                    data: "%s"
                    providers: {up: {base_url: "%s"}}
                    models: {"*": {targets: [{provider: up}], guards: [all]}}
                    streams: {store: disk}
                    guards:
                      all:
                        hold: {tokens: 50, time: 2s}
                        stop_when:
                          - {json: {schema: {type: object, properties: {a: {type: integer}}, anyOf: [{required: [a]}]}}}
                          - {matches: "secret \\\\d+"}
                          - {contains: [phrase]}
                          - {opens_with: {list: refusals}}
                          - {language: {expect: [en]}}
                          - {repeat: {}}
                          - {spend: {usd: 1, tokens: 5000, time: 60s}}
                    """.formatted(port, folder, simulator.baseUri()));
            Process process = run(folder, List.of("serve", "-c", config.toString()));
            try {
                awaitReady(port);
                assertThat(ask(port, "{\"model\":\"m\",\"messages\":[]}"))
                        .startsWith("200")
                        .contains("{\\\"a\\\": 1}");
                assertThat(ask(port, "{\"model\":\"m\",\"stream\":true,\"messages\":[]}"))
                        .startsWith("200")
                        .contains("[DONE]");
                assertThat(ask(port, "{\"model\":\"bad\",\"stream\":true,\"messages\":[]}"))
                        .startsWith("422")
                        .contains("guard_stopped");
            } finally {
                process.destroy();
                assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(Files.readString(folder.resolve("serve.txt"))).doesNotContain("NoClassDefFoundError");
            Process usage = run(folder, List.of("usage", "-c", config.toString(), "--csv"));
            assertThat(usage.waitFor()).isZero();
            assertThat(Files.readString(folder.resolve("usage.txt")))
                    .contains("\nm,2,")
                    .contains("\nbad,1,");
        }
    }
}
