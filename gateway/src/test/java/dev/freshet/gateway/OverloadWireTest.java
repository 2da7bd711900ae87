package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Rows 50 to 52 of the failure model: a process that runs out of memory or of open files, or is told to end. Each over
/// HTTP/1.1, over TLS, and over TLS and HTTP/2, toward the client and toward the provider.
@Tag("program")
@Timeout(120)
class OverloadWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int STREAMS = 10;
    private static final int MOST_BODIES = 400;
    private static final String CONFIG = "models: {\"*\": {targets: [{provider: up}]}}\n";
    private static final Script WAITS = Script.of(
            Steps.head(), Steps.text("a"), Steps.gate("go"), Steps.text("b"), Steps.done(), Steps.lastChunk());

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @AfterAll
    static void write() throws IOException {
        FailureTable.TABLE.write();
    }

    private static List<EventClient> running(Stage stage) throws IOException {
        stage.simulator().script("waits", WAITS);
        List<EventClient> clients = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            EventClient client = stage.post("waits", "Freshet-Ids: 1");
            assertThat(client.next()).isNotNull();
            clients.add(client);
        }
        return clients;
    }

    private static void allEnd(Stage stage, List<EventClient> clients) throws IOException {
        stage.simulator().open("go");
        for (EventClient client : clients) {
            List<String> rest = client.rest().stream().map(Event::data).toList();
            assertThat(rest.getFirst()).contains("\"b\"");
            assertThat(rest.get(1)).isEqualTo("[DONE]");
            client.close();
        }
    }

    private static int ask(Stage stage) throws IOException {
        try (EventClient client = stage.post("tokens-1")) {
            return client.status();
        }
    }

    private static int ready(Stage stage) throws IOException {
        try (EventClient client = stage.get("/health/ready")) {
            return client.status();
        }
    }

    @Test
    void asManyStreamsAsMayRunAndNoMore() throws Exception {
        Stage.everywhere(folder, stage -> {
            stage.open(CONFIG + "limits: {streams: " + STREAMS + "}");
            List<EventClient> clients = running(stage);
            assertThat(ready(stage)).isEqualTo(503);
            try (EventClient refused = stage.post("tokens-1")) {
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.header("Retry-After")).isEqualTo("1");
                assertThat(refused.body()).contains("\"overloaded\"", "limits.streams");
            }
            allEnd(stage, clients);
            Eventually.is(() -> ready(stage) == 200);
            assertThat(ask(stage)).isEqualTo(200);
            return true;
        });
    }

    /// Requests whose provider says nothing hold their bodies until there is no memory for more.
    @Test
    void row50whereMemoryRunsOutNewWorkIsRefusedAndRunningStreamsGoOn() throws Exception {
        Stage.everywhere(folder, stage -> {
            stage.simulator().script("silent", Script.of(Steps.hang()));
            try (GatewayProcess process = GatewayProcess.start(stage.config(CONFIG), Map.of(), List.of("-Xmx96m"))) {
                List<EventClient> clients = running(stage);
                try (HttpClient crowd = stage.front().client()) {
                    holdBodies(stage, crowd);
                    allEnd(stage, clients);
                    crowd.shutdownNow();
                }
                // The bodies of those that have gone are given back one by one.
                Eventually.is(() -> ready(stage) == 200 && ask(stage) == 200);
                process.kill();
            }
            return true;
        });
        saw(
                50,
                "memory runs out",
                "running streams go on; new ones 503 `overloaded`",
                "not asked",
                new FailureTable.Recorded("overloaded", "0"));
    }

    /// Asks until it is refused.
    private static void holdBodies(Stage stage, HttpClient crowd) throws Exception {
        String large = StreamsWireTest.body("silent")
                .replace("\"messages\":[", "\"padding\":\"" + "x".repeat(1 << 20) + "\",\"messages\":[");
        assertThat(large).hasSizeGreaterThan(1 << 20);
        CompletableFuture<HttpResponse<byte[]>> refused = new CompletableFuture<>();
        for (int i = 0; i < MOST_BODIES && !refused.isDone(); i++) {
            stage.front()
                    .begin(crowd, stage.at(), "/v1/chat/completions", large)
                    .thenAccept(refused::complete);
            try {
                refused.get(50, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // There is memory for this one.
            }
        }
        HttpResponse<byte[]> answer = refused.get(1, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("\"overloaded\"");
    }

    @Test
    void row51whereOpenFilesRunOutNothingIsAcceptedAndRunningStreamsGoOn() throws Exception {
        FailureTable.Recorded recorded = Stage.everywhere(folder, stage -> {
            List<Socket> idle = new ArrayList<>();
            try (GatewayProcess process = GatewayProcess.start(
                    stage.config(CONFIG + "limits: {head_timeout: 20s}"),
                    Map.of(),
                    List.of("prlimit", "--nofile=360:360"))) {
                List<EventClient> clients = running(stage);
                for (int i = 0; i < 100; i++)
                    idle.add(new Socket(stage.at().getAddress(), stage.at().getPort()));
                try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                    Future<Integer> waits = threads.submit(() -> ask(stage));
                    assertThatThrownBy(() -> waits.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
                    allEnd(stage, clients);
                    for (Socket socket : idle) socket.close();
                    assertThat(waits.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(200);
                }
                assertThat(ask(stage)).isEqualTo(200);
                FailureTable.Recorded waited = stage.recorded("waits", STREAMS);
                process.kill();
                return waited;
            }
        });
        saw(
                51,
                "open files run out",
                "running streams go on; new clients wait until one goes",
                "read to the end",
                recorded);
    }

    private record Read(String stream, String cursor) {}

    @Test
    void row52whoIsToldToEndTakesNothingNewEndsWhatItCanAndCutsTheRest() throws Exception {
        Stage.everywhere(folder, stage -> {
            stage.simulator()
                    .script("stalls", Script.of(Steps.head(), Steps.text("1 "), Steps.text("2 "), Steps.hang()));
            Path config = stage.config(CONFIG + "streams: {store: disk}\nlimits: {drain: 5s}");
            Read cut = told(stage, config);
            assertThatThrownBy(
                            () -> new Socket(stage.at().getAddress(), stage.at().getPort()))
                    .isInstanceOf(ConnectException.class);
            try (GatewayProcess process = GatewayProcess.start(config);
                    EventClient again =
                            stage.get("/v1/streams/" + cut.stream() + "/events", "Last-Event-ID: " + cut.cursor())) {
                List<Event> events = again.rest();
                assertThat(StreamsWireTest.text(events.subList(0, 1))).isEqualTo("2 ");
                assertThat(events.get(1).data()).contains("\"code\":\"stream_interrupted\"");
                process.kill();
            }
            return true;
        });
        saw(
                52,
                "SIGTERM (`store: disk`)",
                "503 for what is new; what ends within `limits.drain` ends; the rest is cut, and resumes as after row 49",
                "read to the end, or dies with us",
                new FailureTable.Recorded("completed, or stream_interrupted", "E"));
    }

    /// @return what was read of the stream that did not end in time
    private static Read told(Stage stage, Path config) throws Exception {
        try (GatewayProcess process = GatewayProcess.start(config);
                EventClient cut = stage.post("stalls", "Freshet-Ids: 1", "Freshet-Grace: 1m")) {
            Read read =
                    new Read(cut.stream(), Objects.requireNonNull(cut.next()).id());
            cut.next();
            List<EventClient> clients = running(stage);
            Thread ending = Thread.ofVirtual().start(() -> {
                try {
                    process.end(LIMIT);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            Eventually.is(() -> ready(stage) == 503);
            assertThat(ask(stage)).isEqualTo(503);
            allEnd(stage, clients);
            assertThatThrownBy(cut::rest).isInstanceOf(IOException.class);
            ending.join();
            return read;
        }
    }

    private static void saw(int row, String fault, String client, String upstream, FailureTable.Recorded recorded) {
        FailureTable.TABLE.saw(row, 0, fault, client, "", FailureTable.Upstream.always(upstream), recorded);
    }
}
