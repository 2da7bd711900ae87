package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The rows of the failure model that clients, and the gateway's own machine, cause.
class FailureModelClientsWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int LARGE = 50_000;

    private final Path data;
    private final Path memory; // the data folder of what is not durable
    private final Simulator simulator;
    private final Gateway gateway;

    FailureModelClientsWireTest(@TempDir Path data) throws IOException {
        this.data = data;
        memory = Files.createDirectory(data.resolve("memory"));
        simulator = Simulator.builder().recording(true).start();
        gateway = Gateways.withOwners(yaml(0, "memory", memory));
    }

    @AfterEach
    void stop() {
        gateway.close();
        simulator.close();
    }

    @AfterAll
    static void write() throws IOException {
        FailureTable.TABLE.write();
    }

    private String yaml(int port, String store, Path folder) {
        return """
                listen: {port: %d}
                data: "%s"
                providers: {up: {base_url: "%s"}}
                models: {"*": {targets: [{provider: up}], timeouts: {idle: 20s}}}
                streams: {heartbeat: 200ms, keep: 4s, store: %s}
                limits: {write_timeout: 1s}
                """.formatted(port, folder, simulator.baseUri(), store);
    }

    private static void saw(
            int row, int variant, String fault, String client, String upstream, FailureTable.Recorded recorded) {
        FailureTable.TABLE.saw(row, variant, fault, client, "", new FailureTable.Upstream(upstream, "", ""), recorded);
    }

    /// What the ledger says of the exchanges with a model, which are all alike.
    private static FailureTable.Recorded recorded(Path folder, String model, int count) {
        Eventually.is(() -> rows(folder, model).size() >= count);
        List<LedgerRows.Row> rows = rows(folder, model);
        assertThat(rows).hasSize(count);
        assertThat(rows.stream().map(LedgerRows.Row::stream).distinct()).hasSize(count);
        assertThat(rows.stream().map(LedgerRows.Row::word).distinct()).hasSize(1);
        assertThat(rows.stream().map(LedgerRows.Row::outcome).distinct()).hasSize(1);
        String outcome = rows.getFirst().outcome();
        return new FailureTable.Recorded(
                outcome.equals("cancelled") ? "stream_cancelled" : outcome,
                rows.getFirst().word());
    }

    private static List<LedgerRows.Row> rows(Path folder, String model) {
        return LedgerRows.all(folder).stream()
                .filter(row -> row.model().equals(model))
                .toList();
    }

    @Test
    void noLineOfTheTableIsWithoutATest() {
        assertThat(FailureTable.lines(38, 99)).isEqualTo(15);
    }

    private static String numbers(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> i + " ").collect(Collectors.joining());
    }

    private static JsonNode state(InetSocketAddress at, String id) throws IOException {
        try (EventClient client = EventClient.get(at, "/v1/streams/" + id)) {
            return JSON.readTree(client.body());
        }
    }

    /// The outcome of a stream that is over, or will be soon.
    private static String outcome(InetSocketAddress at, String id) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            JsonNode state = state(at, id);
            String word = state.get("state").asString();
            if (word.equals("completed")) return word;
            if (!word.equals("running")) return state.at("/error/code").asString();
            assertThat(System.nanoTime()).as("%s is over", id).isLessThan(end);
            Thread.sleep(5);
        }
    }

    /// Plain, and with ids.
    private static final String[] FORMS = {"X-Plain: 1", "Freshet-Ids: 1"};

    private static EventClient post(InetSocketAddress at, String model, String form, String... more)
            throws IOException {
        return EventClient.post(
                at,
                StreamsWireTest.body(model),
                Stream.concat(Stream.of(form), Stream.of(more)).toArray(String[]::new));
    }

    /// The events of the answer; the state, which comes with ids only, left out.
    private static List<Event> answer(List<Event> events) {
        return events.stream().filter(event -> !event.type().equals("end")).toList();
    }

    private Exchange upstream(int number) throws InterruptedException {
        return simulator.awaitExchange(number, LIMIT);
    }

    private Exchange upstream() throws InterruptedException {
        return simulator.awaitExchange(0, LIMIT);
    }

    @Test
    void row38aProviderThatIsFasterThanItsClientIsReadOn() throws Exception {
        for (int i = 0; i < FORMS.length; i++) {
            try (EventClient late =
                    EventClient.smallPost(gateway.address(), StreamsWireTest.body("fault-38"), FORMS[i])) {
                upstream(i).await(Exchange.State.COMPLETED, LIMIT);
                assertThat(StreamsWireTest.text(answer(late.rest()))).isEqualTo(numbers(20_000));
                assertThat(outcome(gateway.address(), late.stream())).isEqualTo("completed");
            }
        }
        saw(
                38,
                0,
                "20,000 tokens, faster than the client reads",
                "all of them, when it reads",
                "read to the end",
                recorded(memory, "fault-38", 2));
    }

    /// More than any system's buffers hold.
    private static List<Object> poured() {
        List<Object> steps = new ArrayList<>(List.of(Steps.head()));
        for (int i = 1; i <= 120; i++) steps.add(Steps.text(i + " ".repeat(LARGE)));
        return steps;
    }

    private void resumes(EventClient deaf) throws IOException {
        try (EventClient again =
                EventClient.get(gateway.address(), "/v1/streams/" + deaf.stream() + "/events", "Last-Event-ID: 1")) {
            assertThat(again.rest().stream().map(Event::number))
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(2, 122).boxed().toList());
        }
    }

    @Test
    void row39aClientThatReadsTooSlowlyIsLetGoAndCanResume() throws Exception {
        List<Object> steps = poured();
        steps.addAll(List.of(Steps.done(), Steps.lastChunk()));
        simulator.script("pours", Script.of(steps.toArray()));
        for (String form : FORMS) {
            try (EventClient deaf = EventClient.smallPost(
                    gateway.address(), StreamsWireTest.body("pours"), form, "Freshet-Grace: 20s")) {
                assertThat(deaf.next()).isNotNull();
                assertThat(deaf.endsWithReset()).isTrue();
                assertThat(outcome(gateway.address(), deaf.stream())).isEqualTo("completed");
                resumes(deaf);
            }
        }
        saw(
                39,
                0,
                "a client that does not read",
                "a reset after `limits.write_timeout`; it can resume",
                "read to the end",
                recorded(memory, "pours", 2));
    }

    /// Forgets its connection without a FIN, as a machine that is switched off does: Linux lets root do that.
    private static final String VANISHES = """
            import socket, sys
            client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
            body = b'{"model":"stalls","stream":true,"messages":[]}'
            client.sendall(b"POST /v1/chat/completions HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\n"
                + sys.argv[2].encode() + b"\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (len(body), body))
            got = b""
            while b"data: " not in got: got += client.recv(4096)
            try: client.setsockopt(socket.IPPROTO_TCP, 19, 1)  # TCP_REPAIR
            except PermissionError: sys.exit("run this test as root: only root may forget a connection")
            client.close()
            """;

    private static String metrics(Gateway gateway) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            return wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    .readAll();
        }
    }

    /// Nothing else is written, and the write limit is far away: so it is the heartbeat that finds it.
    @Test
    @Tag("program")
    void row40aClientThatVanishedIsFoundByAHeartbeat() throws Exception {
        simulator.script("stalls", Script.of(Steps.head(), Steps.text("a"), Steps.hang()));
        Path script = Files.writeString(data.resolve("vanishes.py"), VANISHES);
        try (Gateway patient = Gateways.withOwners(yaml(0, "memory", Files.createDirectory(data.resolve("patient")))
                .replace("write_timeout: 1s", "write_timeout: 1h"))) {
            for (int i = 0; i < FORMS.length; i++) {
                String port = String.valueOf(patient.address().getPort());
                Process client = new ProcessBuilder("python3", script.toString(), port, FORMS[i])
                        .redirectErrorStream(true)
                        .start();
                String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                boolean refused = said.contains("as root");
                if (refused && System.getenv("CI") == null) Assumptions.abort(said.strip());
                assertThat(said).isEmpty();
                upstream(i).await(Exchange.State.CANCELLED, LIMIT);
            }
            String cancelled = "(?s).*request_duration_seconds_count\\{[^}]*outcome=\"cancelled\"[^}]*} 2.*";
            Eventually.is(() -> metrics(patient).matches(cancelled));
        }
        saw(
                40,
                0,
                "a client that vanished without FIN, in a silence",
                "nothing",
                "cancelled by a heartbeat, or after its grace",
                recorded(data.resolve("patient"), "stalls", 2));
    }

    @Test
    void row41aClientThatLeavesTakesItsStreamWithItAtOnceOrAfterItsGrace() throws Exception {
        simulator.script("stalls", Script.of(Steps.head(), Steps.text("a"), Steps.hang()));
        for (int run = 0; run < 8; run++) {
            boolean reset = (run & 1) != 0;
            boolean grace = (run & 2) != 0;
            String form = FORMS[run >> 2];
            int before = simulator.exchanges().size();
            EventClient client = EventClient.post(
                    gateway.address(), StreamsWireTest.body("stalls"), form, "Freshet-Grace: " + (grace ? "1s" : "0s"));
            client.next();
            long left = System.nanoTime();
            if (reset) client.reset();
            else client.close();
            Exchange upstream = simulator.awaitExchange(before, LIMIT);
            upstream.await(Exchange.State.CANCELLED, LIMIT);
            Duration lasted = Duration.ofNanos(upstream.endedNanos() - left);
            assertThat(lasted).isGreaterThanOrEqualTo(Duration.ofMillis(grace ? 1_000 : 0));
            assertThat(outcome(gateway.address(), client.stream())).isEqualTo("stream_cancelled");
        }
        saw(
                41,
                0,
                "a client that closes or resets",
                "nothing",
                "cancelled, at once or after its grace",
                recorded(memory, "stalls", 8));
    }

    @Test
    void row42aClientThatHalfClosesHasLeftBeforeTheHeadAndReadsOnAfterIt() throws Exception {
        simulator.script("silent", Script.of(Steps.hang()));
        try (Wire wire = new Wire(gateway.address())) {
            wire.post(StreamsWireTest.body("silent"));
            Exchange upstream = upstream();
            wire.shutdownOutput();
            upstream.await(Exchange.State.CANCELLED, LIMIT);
        }
        saw(42, 0, "a client that half-closes before the head", "nothing", "cancelled", recorded(memory, "silent", 1));
        for (String form : FORMS) {
            simulator.script(
                    "waits",
                    Script.of(
                            Steps.head(),
                            Steps.text("a"),
                            Steps.gate(form),
                            Steps.text("b"),
                            Steps.done(),
                            Steps.lastChunk()));
            try (Wire wire = new Wire(gateway.address())) {
                wire.post(StreamsWireTest.body("waits"), form).readUntil("\n\n\r\n");
                wire.shutdownOutput();
                wire.readUntil("\r\n:\n\r\n");
                simulator.open(form);
                assertThat(wire.readAll()).contains("\"b\"", "data: [DONE]");
            }
            simulator.exchanges().getLast().await(Exchange.State.COMPLETED, LIMIT);
        }
        saw(
                42,
                1,
                "a client that half-closes after it",
                "a comment at once, then all the rest",
                "read to the end",
                recorded(memory, "waits", 2));
    }

    private int resumed(String id, String cursor) throws IOException {
        try (EventClient client =
                EventClient.get(gateway.address(), "/v1/streams/" + id + "/events", "Last-Event-ID: " + cursor)) {
            return client.status();
        }
    }

    @Test
    void row43resumingWhatIsGoneOrUnknownIsSaidAndNeverAGap() throws Exception {
        String id;
        String last;
        try (EventClient client =
                EventClient.post(gateway.address(), StreamsWireTest.body("tokens-3"), "Freshet-Ids: 1")) {
            id = client.stream();
            last = client.rest().getLast().id();
        }
        assertThat(resumed("AAAAAAAAAAAAAAAAAAAAAA", last)).isEqualTo(404);
        assertThat(resumed(id, "nonsense-")).isEqualTo(400);
        assertThat(resumed(id, last.replaceFirst("-.*", "-999"))).isEqualTo(409);
        assertThat(resumed(id, last)).isEqualTo(204);
        long end = System.nanoTime() + LIMIT.toNanos();
        while (resumed(id, last.replaceFirst("-.*", "-1")) != 410) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(50);
        }
        saw(
                43,
                0,
                "resuming what is unknown, malformed, ahead, or gone",
                "404, 400, 409, 410",
                "not asked",
                new FailureTable.Recorded("", ""));
    }

    @Test
    void row44theSameIdempotencyKeyAttaches() throws Exception {
        for (String form : FORMS) {
            String key = "Idempotency-Key: " + form.charAt(0);
            for (int i = 0; i < 2; i++) {
                try (EventClient client = post(gateway.address(), "tokens-3", form, key)) {
                    assertThat(StreamsWireTest.text(answer(client.rest()))).isEqualTo(numbers(3));
                }
            }
            try (EventClient other = post(gateway.address(), "tokens-4", form, key)) {
                assertThat(other.status()).isEqualTo(422);
                assertThat(other.header("x-should-retry")).isEqualTo("false");
            }
        }
        assertThat(simulator.exchanges()).hasSize(2);
        saw(
                44,
                0,
                "the same Idempotency-Key",
                "the same answer; with another body 422",
                "asked once",
                recorded(memory, "tokens-3", 2));
    }

    private static InetSocketAddress free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    private Path config(InetSocketAddress at) throws IOException {
        Files.createDirectories(data.resolve("data"));
        Path config = data.resolve("freshet.yaml");
        Files.writeString(
                config, yaml(at.getPort(), "disk", data.resolve("data")).replace("keep: 1s", "keep: 10m"));
        return config;
    }

    /// The system's clock, as libfaketime (Debian's `faketime`) shows it to the gateway.
    @Test
    @Tag("program")
    void row45aClockThatJumpsAnHourChangesNothing() throws Exception {
        FailureTable.Recorded recorded;
        InetSocketAddress at = free();
        Path clock = data.resolve("clock");
        Files.writeString(clock, "+0");
        Map<String, String> environment = Map.of(
                "LD_PRELOAD",
                library("libfaketime.so.1"),
                "FAKETIME_TIMESTAMP_FILE",
                clock.toString(),
                "FAKETIME_NO_CACHE",
                "1",
                "DONT_FAKE_MONOTONIC",
                "1");
        simulator.script(
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
        try (GatewayProcess process = GatewayProcess.start(config(at), environment);
                EventClient plain = post(at, "long", "X-Plain: 1");
                EventClient client = post(at, "long", "Freshet-Ids: 1")) {
            long created = state(at, client.stream()).get("created").asLong();
            client.next();
            Files.writeString(clock, "+3600");
            shows(at, created, 3_590, 3_660);
            simulator.open("forth");
            client.next();
            Files.writeString(clock, "-3600");
            shows(at, created, -3_610, -3_540);
            simulator.open("back");
            List<Event> rest = client.rest();
            assertThat(rest.get(1).data()).isEqualTo("[DONE]");
            assertThat(StreamsWireTest.text(plain.rest())).isEqualTo("1 2 3 ");
            Files.writeString(clock, "+7200");
            shows(at, created, 7_190, 7_260);
            Thread.sleep(1_500); // longer than it takes to forget what has expired
            assertThat(outcome(at, client.stream())).isEqualTo("completed");
            recorded = recorded(data.resolve("data"), "long", 2);
            process.kill();
        }
        saw(45, 0, "the clock jumps an hour", "nothing", "nothing", recorded);
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
    private static void shows(InetSocketAddress at, long created, long least, long most) {
        Eventually.is(() -> {
            long jump = created(at) - created;
            return jump >= least && jump <= most;
        });
    }

    /// When a stream is created, by the gateway's clock.
    private static long created(InetSocketAddress at) throws IOException {
        try (EventClient client = EventClient.post(at, StreamsWireTest.body("tokens-1"), "Freshet-Ids: 1")) {
            List<Event> events = client.rest();
            return JSON.readTree(events.getLast().data()).get("created").asLong();
        }
    }

    @Test
    @Tag("program")
    void row46whenTheDiskIsFullRunningStreamsGoOnInMemory() throws Exception {
        FailureTable.Recorded recorded;
        InetSocketAddress at = free();
        simulator.script(
                "filling",
                Script.of(
                        Steps.head(),
                        Steps.text("1 "),
                        Steps.gate("full"),
                        Steps.text("x".repeat(600_000)),
                        Steps.gate("end"),
                        Steps.done(),
                        Steps.lastChunk()));
        try (GatewayProcess process = GatewayProcess.start(config(at));
                EventClient client = post(at, "filling", "Freshet-Ids: 1");
                EventClient plain = post(at, "filling", "X-Plain: 1")) {
            client.next();
            plain.next();
            process.limitFiles("500000");
            simulator.open("full");
            client.next();
            try (EventClient refused = EventClient.post(at, StreamsWireTest.body("tokens-1"))) {
                assertThat(refused.status()).isEqualTo(503);
            }
            simulator.open("end");
            List<Event> rest = client.rest();
            assertThat(rest.getFirst().data()).isEqualTo("[DONE]");
            assertThat(JSON.readTree(rest.getLast().data()).get("durable").asBoolean())
                    .isFalse();
            assertThat(plain.rest().getLast().data()).isEqualTo("[DONE]");
            recorded = recorded(data.resolve("data"), "filling", 2);
            process.kill();
        }
        saw(
                46,
                0,
                "the disk is full",
                "running streams go on, `durable: false`; new ones 503",
                "read to the end",
                recorded);
    }

    @Test
    void row49afterKill9ReadersResumeToTheLastEntryAndAreToldTheEnd() throws Exception {
        FailureTable.Recorded recorded;
        InetSocketAddress at = free();
        Path config = config(at);
        simulator.script("stalls", Script.of(Steps.head(), Steps.text("1 "), Steps.text("2 "), Steps.hang()));
        String id;
        String cursor;
        try (GatewayProcess process = GatewayProcess.start(config);
                EventClient plain = post(at, "stalls", "X-Plain: 1");
                EventClient client =
                        EventClient.post(at, StreamsWireTest.body("stalls"), "Freshet-Ids: 1", "Freshet-Grace: 1m")) {
            id = client.stream();
            cursor = Objects.requireNonNull(client.next()).id();
            client.next();
            plain.next();
            // The ledger writes that an exchange has begun a moment after it has.
            Eventually.is(() -> LedgerRows.open(data.resolve("data")) == 2);
            process.kill();
            // No end that looks like one: the connection breaks.
            assertThatThrownBy(plain::rest).isInstanceOf(IOException.class);
        }
        upstream().await(Exchange.State.CANCELLED, LIMIT);
        try (GatewayProcess process = GatewayProcess.start(config);
                EventClient again = EventClient.get(at, "/v1/streams/" + id + "/events", "Last-Event-ID: " + cursor)) {
            List<Event> events = again.rest();
            assertThat(StreamsWireTest.text(events.subList(0, 1))).isEqualTo("2 ");
            assertThat(events.get(1).data()).contains("\"code\":\"stream_interrupted\"");
            assertThat(outcome(at, id)).isEqualTo("stream_interrupted");
            recorded = recorded(data.resolve("data"), "stalls", 2);
            process.kill();
        }
        saw(
                49,
                0,
                "kill -9 (`store: disk`)",
                "it resumes to the last entry, then error `stream_interrupted`, or a continuation",
                "dies with us",
                recorded);
    }

    /// Nothing was missing but `[DONE]`, so it is no failure.
    @Test
    void afterKill9AnAnswerThatWasFinishedIsComplete() throws Exception {
        InetSocketAddress at = free();
        Path config = config(at);
        simulator.script("finished", Script.of(Steps.head(), Steps.text("1 "), Steps.finish("stop"), Steps.hang()));
        String id;
        try (GatewayProcess process = GatewayProcess.start(config);
                EventClient client = post(at, "finished", "Freshet-Ids: 1")) {
            id = client.stream();
            client.next();
            client.next();
            process.kill();
        }
        try (GatewayProcess process = GatewayProcess.start(config);
                EventClient again = EventClient.get(at, "/v1/streams/" + id + "/events")) {
            assertThat(again.rest().get(2).data()).isEqualTo("[DONE]");
            assertThat(outcome(at, id)).isEqualTo("completed");
            process.kill();
        }
    }
}
