package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.gateway.access.KeyStore;
import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Budget;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// The rows of the failure model that the gateway's own machine causes, each over HTTP/1.1, over TLS, and over TLS and
/// HTTP/2, toward the client and toward the provider.
class FailureModelMachineWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String CONFIG = """
            models: {"*": {targets: [{provider: up}], timeouts: {idle: 60s}}}
            streams: {keep: 10m, store: disk}
            """;
    private static final String PRICES =
            "prices:\n  - {provider: up, model: \"*\", input: 1usd, output: 1usd, max_output: 1000}\n";
    private static final String PLAIN = "X-Plain: 1";
    private static final String IDS = "Freshet-Ids: 1";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @AfterAll
    static void write() throws IOException {
        FailureTable.TABLE.write();
    }

    private static void saw(int row, String fault, String client, String upstream, FailureTable.Recorded recorded) {
        FailureTable.TABLE.saw(row, 0, fault, client, "", FailureTable.Upstream.always(upstream), recorded);
    }

    /// The system's clock, as libfaketime (Debian's `faketime`) shows it to the gateway.
    @Test
    @Tag("program")
    void row45aClockThatJumpsAnHourChangesNothing() throws Exception {
        FailureTable.Recorded recorded = Stage.everywhere(folder, stage -> {
            stage.simulator()
                    .script(
                            "long",
                            Script.of(
                                    Steps.head(),
                                    Steps.text("1 "),
                                    Steps.gate("forth"),
                                    Steps.text("2 "),
                                    Steps.gate("back"),
                                    Steps.text("3 "),
                                    Steps.pause(Duration.ofSeconds(1)),
                                    Steps.done(),
                                    Steps.lastChunk()));
            Path clock = Files.writeString(stage.file("clock"), "+0");
            Map<String, String> environment = Map.of(
                    "LD_PRELOAD",
                    library("libfaketime.so.1"),
                    "FAKETIME_TIMESTAMP_FILE",
                    clock.toString(),
                    "FAKETIME_CACHE_DURATION",
                    "1",
                    "DONT_FAKE_MONOTONIC",
                    "1");
            try (GatewayProcess process = GatewayProcess.start(stage.config(CONFIG), environment)) {
                jump(stage, clock);
                FailureTable.Recorded long2 = stage.recorded("long", 2);
                process.kill();
                return long2;
            }
        });
        saw(45, "the clock jumps an hour", "nothing", "nothing", recorded);
    }

    private static void jump(Stage stage, Path clock) throws Exception {
        try (EventClient plain = stage.post("long", PLAIN);
                EventClient client = stage.post("long", IDS)) {
            long created = stage.state(client.stream()).get("created").asLong();
            client.next();
            Files.writeString(clock, "+3600");
            shows(stage, created, 3_590, 3_660);
            stage.simulator().open("forth");
            client.next();
            Files.writeString(clock, "-3600");
            shows(stage, created, -3_610, -3_540);
            stage.simulator().open("back");
            List<Event> rest = client.rest();
            assertThat(rest.get(1).data()).isEqualTo("[DONE]");
            assertThat(StreamsWireTest.text(plain.rest())).isEqualTo("1 2 3 ");
            Files.writeString(clock, "+7200");
            shows(stage, created, 7_190, 7_260);
            Thread.sleep(1_500); // longer than it takes to forget what has expired
            assertThat(stage.outcome(client.stream())).isEqualTo("completed");
        }
    }

    private static String library(String name) {
        try (Stream<Path> found = Files.walk(Path.of("/usr/lib"), 3)) {
            return found.filter(path -> path.endsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("install Debian's package faketime"))
                    .toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until the gateway's clock has jumped: a thread that read the file before may show the
    /// library's others the old time for a moment.
    private static void shows(Stage stage, long created, long least, long most) {
        Eventually.is(() -> {
            long jump = created(stage) - created;
            return jump >= least && jump <= most;
        });
    }

    /// When a stream is created, by the gateway's clock.
    private static long created(Stage stage) throws IOException {
        try (EventClient client = stage.post("tokens-1", IDS)) {
            List<Event> events = client.rest();
            return JSON.readTree(events.getLast().data()).get("created").asLong();
        }
    }

    @Test
    @Tag("program")
    void row46whenTheDiskIsFullRunningStreamsGoOnInMemory() throws Exception {
        FailureTable.Recorded recorded = Stage.everywhere(folder, stage -> {
            stage.simulator()
                    .script(
                            "filling",
                            Script.of(
                                    Steps.head(),
                                    Steps.text("1 "),
                                    Steps.gate("full"),
                                    Steps.text("x".repeat(600_000)),
                                    Steps.gate("end"),
                                    Steps.done(),
                                    Steps.lastChunk()));
            try (GatewayProcess process = GatewayProcess.start(stage.config(CONFIG))) {
                fill(stage, process);
                FailureTable.Recorded filling = stage.recorded("filling", 2);
                process.kill();
                return filling;
            }
        });
        saw(
                46,
                "the disk is full",
                "running streams go on, `durable: false`; new ones 503",
                "read to the end",
                recorded);
    }

    private static void fill(Stage stage, GatewayProcess process) throws Exception {
        try (EventClient client = stage.post("filling", IDS);
                EventClient plain = stage.post("filling", PLAIN)) {
            client.next();
            plain.next();
            process.limitFiles("1000"); // so few that it cannot recover by a smaller write
            stage.simulator().open("full");
            client.next();
            try (EventClient refused = stage.post("tokens-1")) {
                assertThat(refused.status()).isEqualTo(503);
            }
            stage.simulator().open("end");
            List<Event> rest = client.rest();
            assertThat(rest.getFirst().data()).isEqualTo("[DONE]");
            assertThat(JSON.readTree(rest.getLast().data()).get("durable").asBoolean())
                    .isFalse();
            assertThat(plain.rest().getLast().data()).isEqualTo("[DONE]");
            process.limitFiles("unlimited"); // the ledger's rows wait for that
        }
    }

    /// What has no budget goes on, and all of it is written when the database is back.
    @Test
    @Tag("program")
    void row48whileTheLedgerCannotBeWrittenKeysWithABudgetAreRefusedAndTheOthersGoOn() throws Exception {
        FailureTable.Recorded recorded = Stage.everywhere(folder, stage -> {
            stage.simulator().script("held", Script.of(Steps.head(), Steps.text("1 "), Steps.text("2 "), Steps.hang()));
            Files.writeString(stage.file("prices.yaml"), PRICES);
            String config = CONFIG.replace("disk", "memory") + "prices: \"" + stage.file("prices.yaml") + "\"\n";
            String paid = key(stage, new Budget(1_000_000_000_000L, Budget.Period.DAY));
            String free = key(stage, null);
            try (GatewayProcess process = GatewayProcess.start(stage.config(config))) {
                withoutLedger(stage, process, paid, free);
                Eventually.is(() -> status(stage, paid) == 200);
                List<LedgerRows.Row> rows = LedgerRows.all(stage.data());
                assertThat(rows.stream().map(LedgerRows.Row::stream).distinct()).hasSize(rows.size());
                FailureTable.Recorded held = stage.recorded("held", 1);
                process.kill();
                return held;
            }
        });
        saw(48, "the ledger cannot be written", "keys with a budget 503, the others go on", "nothing", recorded);
    }

    private static String key(Stage stage, @Nullable Budget budget) {
        Allowance allowance = new Allowance(List.of(), null, null, null, budget);
        return "Authorization: Bearer "
                + new KeyStore(stage.data())
                        .create(
                                new KeyStore.Wanted("k", null, null, allowance, null),
                                System.currentTimeMillis() / 1000);
    }

    private static void withoutLedger(Stage stage, GatewayProcess process, String paid, String free) throws Exception {
        try (EventClient running = stage.post("held", paid)) {
            running.next();
            process.limitFiles("1000");
            Eventually.is(() -> status(stage, paid) == 503);
            for (int i = 0; i < 5; i++) {
                try (EventClient client = stage.post("tokens-2", free)) {
                    assertThat(client.rest().getLast().data()).isEqualTo("[DONE]");
                }
            }
            running.next();
            running.reset();
            int before = LedgerRows.all(stage.data()).size();
            process.limitFiles("unlimited");
            LedgerRows.await(stage.data(), before + 6);
        }
    }

    private static int status(Stage stage, String key) throws IOException {
        try (EventClient client = stage.post("tokens-2", key)) {
            if (client.status() == 503) {
                assertThat(client.header("Retry-After")).isEqualTo("5");
                assertThat(client.body()).contains("cannot be written down");
            }
            return client.status();
        }
    }

    @Test
    void row49afterKill9ReadersResumeToTheLastEntryAndAreToldTheEnd() throws Exception {
        FailureTable.Recorded recorded = Stage.everywhere(folder, stage -> {
            stage.simulator()
                    .script("stalls", Script.of(Steps.head(), Steps.text("1 "), Steps.text("2 "), Steps.hang()));
            Path config = stage.config(CONFIG);
            Read before = killed(stage, config);
            stage.simulator().awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
            try (GatewayProcess process = GatewayProcess.start(config);
                    EventClient again = stage.get(
                            "/v1/streams/" + before.stream() + "/events", "Last-Event-ID: " + before.cursor())) {
                List<Event> events = again.rest();
                assertThat(StreamsWireTest.text(events.subList(0, 1))).isEqualTo("2 ");
                assertThat(events.get(1).data()).contains("\"code\":\"stream_interrupted\"");
                assertThat(stage.outcome(before.stream())).isEqualTo("stream_interrupted");
                FailureTable.Recorded stalls = stage.recorded("stalls", 2);
                process.kill();
                return stalls;
            }
        });
        saw(
                49,
                "kill -9 (`store: disk`)",
                "it resumes to the last entry, then error `stream_interrupted`, or a continuation",
                "dies with us",
                recorded);
    }

    private record Read(String stream, String cursor) {}

    /// @return what was read of which stream
    private static Read killed(Stage stage, Path config) throws Exception {
        try (GatewayProcess process = GatewayProcess.start(config);
                EventClient plain = stage.post("stalls", PLAIN);
                EventClient client = stage.post("stalls", IDS, "Freshet-Grace: 1m")) {
            Read read = new Read(
                    client.stream(), Objects.requireNonNull(client.next()).id());
            client.next();
            plain.next();
            // The ledger writes that an exchange has begun a moment after it has.
            Eventually.is(() -> LedgerRows.open(stage.data()) == 2);
            process.kill();
            // No end that looks like one: the connection breaks.
            assertThatThrownBy(plain::rest).isInstanceOf(IOException.class);
            return read;
        }
    }

    /// Nothing was missing but `[DONE]`, so it is no failure.
    @Test
    void afterKill9AnAnswerThatWasFinishedIsComplete() throws Exception {
        Stage.everywhere(folder, stage -> {
            stage.simulator()
                    .script("finished", Script.of(Steps.head(), Steps.text("1 "), Steps.finish("stop"), Steps.hang()));
            Path config = stage.config(CONFIG);
            String id;
            try (GatewayProcess process = GatewayProcess.start(config);
                    EventClient client = stage.post("finished", IDS)) {
                id = client.stream();
                client.next();
                client.next();
                process.kill();
            }
            try (GatewayProcess process = GatewayProcess.start(config);
                    EventClient again = stage.get("/v1/streams/" + id + "/events")) {
                assertThat(again.rest().get(2).data()).isEqualTo("[DONE]");
                assertThat(stage.outcome(id)).isEqualTo("completed");
                process.kill();
            }
            return true;
        });
    }
}
