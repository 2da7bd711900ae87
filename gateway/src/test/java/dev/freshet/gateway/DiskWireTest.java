package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.stream.disk.StoreException;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `store: disk` across restarts, and when the disk fails.
class DiskWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path data;

    private final Simulator simulator;

    DiskWireTest() throws IOException {
        simulator = Simulator.builder().recording(true).start();
    }

    @BeforeEach
    void scripts() {
        simulator.script(
                "gated",
                Script.of(
                        Steps.head(),
                        Steps.text("a"),
                        Steps.text("b"),
                        Steps.gate("rest"),
                        Steps.text("c"),
                        Steps.done(),
                        Steps.lastChunk()));
    }

    @AfterEach
    void stop() {
        simulator.close();
    }

    private String yaml(int port) {
        return """
                listen: {port: %d}
                data: "%s"
                providers: {up: {base_url: "%s"}, able: {base_url: "%s", prefill: {field: prefix}}}
                models:
                  goes-on: {targets: [{provider: able, model: gated}], continue: prefill}
                  "*": {targets: [{provider: up}]}
                streams: {store: disk, keep: 3s}
                limits: {drain: 0s}
                """.formatted(port, data, simulator.baseUri(), simulator.baseUri());
    }

    private Gateway start() throws IOException {
        return Gateway.start(config(), null);
    }

    private Config config() {
        return ConfigFile.parse(yaml(0), "freshet.yaml", new Environment(Map.of()));
    }

    private static EventClient ask(Gateway gateway, String model, String... headers) throws IOException {
        String[] all =
                Stream.concat(Stream.of("Freshet-Ids: 1"), Stream.of(headers)).toArray(String[]::new);
        return EventClient.post(gateway.address(), StreamsWireTest.body(model), all);
    }

    private static EventClient events(InetSocketAddress at, String id, String... headers) throws IOException {
        return EventClient.get(at, "/v1/streams/" + id + "/events", headers);
    }

    private static JsonNode state(InetSocketAddress at, String id) throws IOException {
        try (EventClient client = EventClient.get(at, "/v1/streams/" + id)) {
            return JSON.readTree(client.body());
        }
    }

    @Test
    void aFinishedStreamIsTheSameAfterARestartUntilItsTimeIsOver() throws Exception {
        List<Event> before;
        String id;
        JsonNode state;
        try (Gateway gateway = start();
                EventClient client = ask(gateway, "tokens-20")) {
            id = client.stream();
            before = client.rest();
            state = state(gateway.address(), id);
        }
        try (Gateway gateway = start()) {
            try (EventClient client = events(gateway.address(), id)) {
                assertThat(client.rest()).isEqualTo(before);
            }
            assertThat(state(gateway.address(), id)).isEqualTo(state);
            String last = before.getLast().id();
            try (EventClient client = events(gateway.address(), id, "Last-Event-ID: " + last)) {
                assertThat(client.status()).isEqualTo(204);
            }
            assertThat(statusWhenExpired(gateway.address(), id)).isEqualTo(410);
        }
        try (Gateway gateway = start();
                EventClient client = events(gateway.address(), id)) {
            assertThat(client.status()).isEqualTo(410);
        }
        assertThat(bytesOnDisk()).doesNotContain("chat.completion.chunk");
    }

    private static int statusWhenExpired(InetSocketAddress at, String id) throws IOException {
        long until = System.nanoTime() + LIMIT.toNanos();
        int status = 200;
        while (status == 200 && System.nanoTime() < until) {
            try (EventClient client = events(at, id)) {
                status = client.status();
            }
        }
        return status;
    }

    private String bytesOnDisk() throws IOException {
        return new String(Files.readAllBytes(data.resolve("streams.db")), StandardCharsets.ISO_8859_1);
    }

    @Test
    void aStreamThatWasCutOffEndsWithTheErrorBehindWhatItsReadersHad() throws IOException {
        List<Event> had;
        String id;
        try (Gateway gateway = start();
                EventClient client = ask(gateway, "gated", "Freshet-Grace: 1m")) {
            id = client.stream();
            had = List.of(Objects.requireNonNull(client.next()), Objects.requireNonNull(client.next()));
        }
        try (Gateway gateway = start();
                EventClient client = events(gateway.address(), id)) {
            List<Event> all = client.rest();
            assertThat(all.subList(0, 2)).isEqualTo(had);
            assertThat(all).hasSize(4);
            assertThat(all.get(2).data()).contains("\"code\":\"stream_interrupted\"", "\"retryable\":true");
            assertThat(JSON.readTree(all.getLast().data()).get("state").asString())
                    .isEqualTo("failed");
        }
    }

    @Test
    void aStreamThatMayGoOnWaitsForAReaderWithinItsGraceAndNoLonger() throws Exception {
        String comes;
        String stays;
        String cursor;
        try (Gateway gateway = start();
                EventClient one = ask(gateway, "goes-on", "Freshet-Grace: 2s");
                EventClient two = ask(gateway, "goes-on", "Freshet-Grace: 2s")) {
            comes = one.stream();
            stays = two.stream();
            one.next();
            cursor = Objects.requireNonNull(one.next()).id();
            two.next();
        }
        simulator.script(
                "gated",
                Script.of(Steps.head(), Steps.text("c"), Steps.finish("stop"), Steps.done(), Steps.lastChunk()));
        int calls = simulator.exchanges().size();
        try (Gateway gateway = start()) {
            assertThat(state(gateway.address(), comes).get("state").asString()).isEqualTo("running");
            assertThat(simulator.exchanges()).hasSize(calls);
            try (EventClient client = events(gateway.address(), comes, "Last-Event-ID: " + cursor)) {
                List<Event> rest = client.rest();
                assertThat(StreamsWireTest.text(rest)).isEqualTo("c");
                assertThat(rest.getFirst().number()).isEqualTo(3);
                JsonNode state = JSON.readTree(rest.getLast().data());
                assertThat(state.get("state").asString()).isEqualTo("completed");
                assertThat(state.at("/attempts/0/outcome").asString()).isEqualTo("stream_interrupted");
                assertThat(state.at("/attempts/1/from").asInt()).isEqualTo(3);
            }
            long until = System.nanoTime() + LIMIT.toNanos();
            while (state(gateway.address(), stays).get("state").asString().equals("running")
                    && System.nanoTime() < until) Thread.sleep(50);
            assertThat(state(gateway.address(), stays).at("/error/code").asString())
                    .isEqualTo("stream_interrupted");
            assertThat(simulator.exchanges()).hasSize(calls + 1);
        }
    }

    @Test
    void anIdempotencyKeyHoldsAcrossARestart() throws IOException {
        String key = "Idempotency-Key: 7";
        String id;
        try (Gateway gateway = start();
                EventClient client = ask(gateway, "tokens-5", key)) {
            id = client.stream();
            client.rest();
        }
        try (Gateway gateway = start()) {
            try (EventClient again = ask(gateway, "tokens-5", key)) {
                assertThat(again.stream()).isEqualTo(id);
                assertThat(StreamsWireTest.text(again.rest())).isEqualTo("1 2 3 4 5 ");
            }
            try (EventClient other = ask(gateway, "tokens-6", key)) {
                assertThat(other.status()).isEqualTo(422);
            }
        }
        assertThat(simulator.exchanges()).hasSize(1);
    }

    @Test
    void onlyTheOwnerMayReadTheFiles() throws IOException {
        try (Gateway gateway = start();
                EventClient client = ask(gateway, "tokens-5")) {
            client.rest();
            try (Stream<Path> files = Files.list(data)) {
                for (Path file : files.toList()) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .as(file.toString())
                            .isEqualTo("rw-------");
                }
            }
        }
    }

    @Test
    void aDamagedDatabaseIsSaidSoWithTheCure() throws IOException {
        Files.write(
                data.resolve("streams.db"),
                "this is no database, though it is long enough".repeat(100).getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(this::start)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(data.resolve("streams.db").toString())
                .hasMessageContaining("move it away");
    }

    @Test
    void anotherGatewayInTheSameFolderIsSaidSo() throws IOException {
        try (Gateway _ = start()) {
            assertThatThrownBy(this::start)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("another gateway uses the folder");
        }
    }

    @Test
    void aFolderThatIsNotThereIsSaidSo() throws IOException {
        Files.delete(data);
        assertThatThrownBy(this::start)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(data.toString())
                .hasMessageContaining("`data:`");
    }

    @Test
    void aFolderThatCannotBeWrittenToIsSaidSo() {
        data = Path.of("/proc"); // not even root can
        assertThatThrownBy(this::start)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("/proc")
                .hasMessageContaining("make it writable");
    }

    /// The kernel refuses to let the gateway's files grow, as a full disk does.
    @Test
    @Tag("program")
    void whenTheDiskIsFullRunningStreamsGoOnInMemoryAndNewOnesAreRefusedUntilThereIsRoom() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        Path config = Files.createTempFile("freshet", ".yaml");
        Files.writeString(config, yaml(port).replace("keep: 3s", "keep: 10m"));
        simulator.script(
                "filling",
                Script.of(
                        Steps.head(),
                        Steps.text("first"),
                        Steps.gate("full"),
                        Steps.text("x".repeat(600_000)),
                        Steps.text("after"),
                        Steps.gate("end"),
                        Steps.text("last"),
                        Steps.done(),
                        Steps.lastChunk()));
        String id;
        String cursor;
        try (GatewayProcess gateway = GatewayProcess.start(config)) {
            try (EventClient client =
                    EventClient.post(at, StreamsWireTest.body("filling"), "Freshet-Ids: 1", "Freshet-Grace: 1m")) {
                id = client.stream();
                cursor = Objects.requireNonNull(client.next()).id();
                assertThat(state(at, id).get("durable").asBoolean()).isTrue();
                gateway.limitFiles("500000");
                simulator.open("full");
                Event large = Objects.requireNonNull(client.next());
                assertThat(large.data()).hasSizeGreaterThan(600_000);
                assertThat(large.id()).as("no id of its own").isEqualTo(cursor);
                assertThat(state(at, id).get("durable").asBoolean()).isFalse();
                try (EventClient refused = EventClient.post(at, StreamsWireTest.body("tokens-1"))) {
                    assertThat(refused.status()).isEqualTo(503);
                    assertThat(refused.header("Retry-After")).isNotEmpty();
                    assertThat(refused.body()).contains("\"code\":\"overloaded\"", "disk");
                }
                simulator.open("end");
                List<Event> rest = client.rest();
                assertThat(StreamsWireTest.text(rest)).isEqualTo("afterlast");
                assertThat(rest).allSatisfy(event -> assertThat(event.id()).isEqualTo(cursor));
                assertThat(JSON.readTree(rest.getLast().data()).get("durable").asBoolean())
                        .isFalse();
            }
            gateway.kill();
        }
        try (GatewayProcess gateway = GatewayProcess.start(config)) {
            try (EventClient client = events(at, id, "Last-Event-ID: " + cursor)) {
                assertThat(client.status()).isEqualTo(410);
            }
            gateway.kill();
        }
        // And without a restart, when there is room again.
        simulator.script(
                "filling", Script.of(Steps.head(), Steps.text("x".repeat(600_000)), Steps.done(), Steps.lastChunk()));
        try (GatewayProcess gateway = GatewayProcess.start(config)) {
            String gone;
            gateway.limitFiles("500000");
            try (EventClient client = EventClient.post(at, StreamsWireTest.body("filling"), "Freshet-Ids: 1")) {
                gone = client.stream();
                assertThat(client.rest()).hasSize(3);
            }
            gateway.limitFiles("unlimited");
            long until = System.nanoTime() + LIMIT.toNanos();
            int status = 503;
            while (status == 503 && System.nanoTime() < until) {
                try (EventClient client = EventClient.post(at, StreamsWireTest.body("tokens-1"))) {
                    status = client.status();
                }
            }
            assertThat(status).isEqualTo(200);
            try (EventClient durable = EventClient.post(at, StreamsWireTest.body("tokens-3"), "Freshet-Ids: 1")) {
                assertThat(JSON.readTree(durable.rest().getLast().data())
                                .get("durable")
                                .asBoolean())
                        .isTrue();
            }
            gateway.kill();
            try (GatewayProcess _ = GatewayProcess.start(config);
                    EventClient client = events(at, gone)) {
                assertThat(client.status()).isEqualTo(410);
            }
        }
    }
}
