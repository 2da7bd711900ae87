package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The rows of the failure model that clients cause, each over HTTP/1.1, over TLS, and over TLS and HTTP/2, toward the
/// client and toward the provider.
class FailureModelClientsWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int LARGE = 50_000;
    private static final String CONFIG = """
            models: {"*": {targets: [{provider: up}], timeouts: {idle: 20s}}}
            streams: {heartbeat: 200ms, keep: 4s}
            limits: {write_timeout: 1s}
            """;

    /// Plain, and with ids.
    private static final String[] FORMS = {"X-Plain: 1", "Freshet-Ids: 1"};

    private static final int WINDOW = 1 << 16;
    private static final Script STALLS = Script.of(Steps.head(), Steps.text("a"), Steps.hang());

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @AfterAll
    static void write() throws IOException {
        FailureTable.TABLE.write();
    }

    private static void saw(
            int row, int variant, String fault, String client, String upstream, FailureTable.Recorded recorded) {
        FailureTable.TABLE.saw(row, variant, fault, client, "", FailureTable.Upstream.always(upstream), recorded);
    }

    @Test
    void noLineOfTheTableIsWithoutATest() {
        assertThat(FailureTable.lines(38, 99)).isEqualTo(16);
    }

    private static String numbers(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> i + " ").collect(Collectors.joining());
    }

    /// The events of the answer; the state, which comes with ids only, left out.
    private static List<Event> answer(List<Event> events) {
        return events.stream().filter(event -> !event.type().equals("end")).toList();
    }

    private static Exchange upstream(Stage stage, int number) throws InterruptedException {
        return stage.simulator().awaitExchange(number, LIMIT);
    }

    @Test
    void row38aProviderThatIsFasterThanItsClientIsReadOn() throws Exception {
        FailureTable.Recorded recorded = Stage.everywhere(folder, stage -> {
            stage.open(CONFIG.replace("write_timeout: 1s", "write_timeout: 1m"));
            for (int i = 0; i < FORMS.length; i++) {
                try (EventClient late = stage.smallPost("fault-38", FORMS[i])) {
                    upstream(stage, i).await(Exchange.State.COMPLETED, LIMIT);
                    assertThat(StreamsWireTest.text(answer(late.rest()))).isEqualTo(numbers(20_000));
                    assertThat(stage.outcome(late.stream())).isEqualTo("completed");
                }
            }
            return stage.recorded("fault-38", 2);
        });
        saw(
                38,
                0,
                "20,000 tokens, faster than the client reads",
                "all of them, when it reads",
                "read to the end",
                recorded);
    }

    /// More than any system's buffers hold.
    private static Script poured() {
        List<Object> steps = new ArrayList<>(List.of(Steps.head()));
        for (int i = 1; i <= 120; i++) steps.add(Steps.text(i + " ".repeat(LARGE)));
        steps.addAll(List.of(Steps.done(), Steps.lastChunk()));
        return Script.of(steps.toArray());
    }

    @Test
    void row39aClientThatReadsTooSlowlyIsLetGoAndCanResume() throws Exception {
        FailureTable.Recorded recorded = Stage.everywhere(folder, stage -> {
            stage.open(CONFIG);
            stage.simulator().script("pours", poured());
            for (String form : FORMS) {
                try (EventClient deaf = stage.smallPost("pours", form, "Freshet-Grace: 20s")) {
                    assertThat(deaf.next()).isNotNull();
                    assertThat(deaf.endsWithReset()).isTrue();
                    assertThat(stage.outcome(deaf.stream())).isEqualTo("completed");
                    resumes(stage, deaf);
                }
            }
            return stage.recorded("pours", 2);
        });
        saw(
                39,
                0,
                "a client that does not read",
                "a reset after `limits.write_timeout`; it can resume",
                "read to the end",
                recorded);
    }

    private static void resumes(Stage stage, EventClient deaf) throws IOException {
        try (EventClient again = stage.get("/v1/streams/" + deaf.stream() + "/events", "Last-Event-ID: 1")) {
            assertThat(again.rest().stream().map(Event::number))
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(2, 122).boxed().toList());
        }
    }

    /// Asks, and forgets its connection without a FIN.
    private static void vanish(Stage stage, String form) throws IOException {
        Path script = stage.file("vanishes.py");
        if (!Files.exists(script)) {
            try (InputStream in = FailureModelClientsWireTest.class.getResourceAsStream("vanishes.py")) {
                Files.copy(Objects.requireNonNull(in), script);
            }
        }
        String port = String.valueOf(stage.at().getPort());
        String front = stage.front().toString();
        Process client = new ProcessBuilder("python3", script.toString(), port, form, front)
                .redirectErrorStream(true)
                .start();
        String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).isEmpty();
    }

    private static boolean mayVanish() {
        return "root".equals(System.getProperty("user.name")) || System.getenv("CI") != null;
    }

    /// Nothing else is written, and the write limit is far away: so it is the heartbeat that finds it.
    @Test
    @Tag("program")
    void row40aClientThatVanishedIsFoundByAHeartbeat() throws Exception {
        Assumptions.assumeTrue(mayVanish(), "run this test as root: only root may forget a connection");
        FailureTable.Recorded recorded = Stage.everywhere(folder, stage -> {
            Gateway patient = stage.open(CONFIG.replace("write_timeout: 1s", "write_timeout: 1h"));
            stage.simulator().script("stalls", STALLS);
            for (int i = 0; i < FORMS.length; i++) {
                vanish(stage, FORMS[i]);
                upstream(stage, i).await(Exchange.State.CANCELLED, LIMIT);
            }
            String cancelled = "(?s).*request_duration_seconds_count\\{[^}]*outcome=\"cancelled\"[^}]*} 2.*";
            Eventually.is(
                    () -> stage.front().ask(patient, "/metrics", null).text().matches(cancelled));
            return stage.recorded("stalls", 2);
        });
        saw(
                40,
                0,
                "a client that vanished without FIN, in a silence",
                "nothing",
                "cancelled by a heartbeat, or after its grace",
                recorded);
    }

    /// Over HTTP/2 a client resets its stream, and keeps the connection.
    @Test
    void row41aClientThatLeavesTakesItsStreamWithItAtOnceOrAfterItsGrace() throws Exception {
        FailureTable.Recorded recorded = Stage.everywhere(folder, stage -> {
            stage.open(CONFIG);
            stage.simulator().script("stalls", STALLS);
            for (int run = 0; run < 8; run++) leave(stage, run, (run & 1) != 0, (run & 2) != 0, FORMS[run >> 2]);
            return stage.recorded("stalls", 8);
        });
        saw(41, 0, "a client that closes or resets", "nothing", "cancelled, at once or after its grace", recorded);
    }

    private static void leave(Stage stage, int run, boolean reset, boolean grace, String form) throws Exception {
        EventClient client = stage.post("stalls", form, "Freshet-Grace: " + (grace ? "1s" : "0s"));
        client.next();
        long left = System.nanoTime();
        if (reset) client.reset();
        else client.close();
        Exchange upstream = upstream(stage, run);
        upstream.await(Exchange.State.CANCELLED, LIMIT);
        Duration lasted = Duration.ofNanos(upstream.endedNanos() - left);
        assertThat(lasted).isGreaterThanOrEqualTo(Duration.ofMillis(grace ? 1_000 : 0));
        assertThat(stage.outcome(client.stream()))
                .as("%s%s, %s", reset ? "reset" : "close", grace ? " with grace" : "", form)
                .isEqualTo("stream_cancelled");
        client.close();
    }

    @Test
    void row42aClientThatHalfClosesBeforeTheHeadHasLeft() throws Exception {
        FailureTable.Recorded recorded = Stage.everywhere(folder, stage -> {
            stage.open(CONFIG);
            stage.simulator().script("silent", Script.of(Steps.hang()));
            if (stage.front() == Front.HTTP_2) {
                try (Http2Wire wire = new Http2Wire(stage.at(), WINDOW).chat(1, "silent")) {
                    Exchange upstream = upstream(stage, 0);
                    wire.shutdownOutput();
                    upstream.await(Exchange.State.CANCELLED, LIMIT);
                }
            } else {
                try (Wire wire = wire(stage).post(StreamsWireTest.body("silent"))) {
                    Exchange upstream = upstream(stage, 0);
                    wire.shutdownOutput();
                    upstream.await(Exchange.State.CANCELLED, LIMIT);
                }
            }
            return stage.recorded("silent", 1);
        });
        saw(42, 0, "a client that half-closes before the head", "nothing", "cancelled", recorded);
    }

    private static Wire wire(Stage stage) throws IOException {
        return stage.front().secured() ? new Wire(Tls.connect(stage.at(), "http/1.1")) : new Wire(stage.at());
    }

    @Test
    void row42aClientThatHalfClosesAfterTheHeadReadsOn() throws Exception {
        FailureTable.Recorded recorded = Stage.everywhere(folder, EnumSet.of(Front.HTTP_1_1), stage -> {
            stage.open(CONFIG);
            for (String form : FORMS) readOn(stage, form);
            return stage.recorded("waits", 2);
        });
        FailureTable.TABLE.saw(
                42,
                1,
                "a client that half-closes after it",
                "a comment at once, then all the rest",
                "",
                new FailureTable.Upstream("read to the end", "", ""),
                recorded);
    }

    private static void readOn(Stage stage, String form) throws Exception {
        stage.simulator()
                .script(
                        "waits",
                        Script.of(
                                Steps.head(),
                                Steps.text("a"),
                                Steps.gate(form),
                                Steps.text("b"),
                                Steps.done(),
                                Steps.lastChunk()));
        try (Wire wire = new Wire(stage.at())) {
            wire.post(StreamsWireTest.body("waits"), form).readUntil("\n\n\r\n");
            wire.shutdownOutput();
            wire.readUntil("\r\n:\n\r\n");
            stage.simulator().open(form);
            assertThat(wire.readAll()).contains("\"b\"", "data: [DONE]");
        }
        stage.simulator().exchanges().getLast().await(Exchange.State.COMPLETED, LIMIT);
    }

    /// Nobody who ends TLS reads on, though TLS 1.3 has it so (docs/decisions/0029).
    @Test
    void row42aClientThatEndsTlsHasLeft() throws Exception {
        FailureTable.Recorded recorded = Stage.everywhere(folder, EnumSet.of(Front.TLS, Front.HTTP_2), stage -> {
            stage.open(CONFIG);
            stage.simulator().script("stalls", STALLS);
            try (Socket below = new Socket(stage.at().getAddress(), stage.at().getPort());
                    SSLSocket socket = Tls.over(below, stage.front() == Front.HTTP_2 ? "h2" : "http/1.1")) {
                if (stage.front() == Front.HTTP_2)
                    new Http2Wire(socket, WINDOW).chat(1, "stalls").dataUntil("\"a\"");
                else new Wire(socket).post(StreamsWireTest.body("stalls")).readUntil("\"a\"");
                socket.shutdownOutput();
                upstream(stage, 0).await(Exchange.State.CANCELLED, LIMIT);
            }
            return stage.recorded("stalls", 1);
        });
        FailureTable.TABLE.saw(
                42,
                2,
                "a client that ends TLS, and not the connection",
                "nothing",
                "",
                new FailureTable.Upstream("", "cancelled", "cancelled"),
                recorded);
    }

    private static int resumed(Stage stage, String id, String cursor) throws IOException {
        try (EventClient client = stage.get("/v1/streams/" + id + "/events", "Last-Event-ID: " + cursor)) {
            return client.status();
        }
    }

    @Test
    void row43resumingWhatIsGoneOrUnknownIsSaidAndNeverAGap() throws Exception {
        Stage.everywhere(folder, stage -> {
            stage.open(CONFIG);
            String id;
            String last;
            try (EventClient client = stage.post("tokens-3", "Freshet-Ids: 1")) {
                id = client.stream();
                last = client.rest().getLast().id();
            }
            assertThat(resumed(stage, "AAAAAAAAAAAAAAAAAAAAAA", last)).isEqualTo(404);
            assertThat(resumed(stage, id, "nonsense-")).isEqualTo(400);
            assertThat(resumed(stage, id, last.replaceFirst("-.*", "-999"))).isEqualTo(409);
            assertThat(resumed(stage, id, last)).isEqualTo(204);
            Eventually.is(() -> resumed(stage, id, last.replaceFirst("-.*", "-1")) == 410);
            assertThat(stage.simulator().exchanges()).hasSize(1);
            return true;
        });
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
        FailureTable.Recorded recorded = Stage.everywhere(folder, stage -> {
            stage.open(CONFIG);
            for (String form : FORMS) {
                String key = "Idempotency-Key: " + form.charAt(0);
                for (int i = 0; i < 2; i++) {
                    try (EventClient client = stage.post("tokens-3", form, key)) {
                        assertThat(StreamsWireTest.text(answer(client.rest()))).isEqualTo(numbers(3));
                    }
                }
                try (EventClient other = stage.post("tokens-4", form, key)) {
                    assertThat(other.status()).isEqualTo(422);
                    assertThat(other.header("x-should-retry")).isEqualTo("false");
                }
            }
            assertThat(stage.simulator().exchanges()).hasSize(2);
            return stage.recorded("tokens-3", 2);
        });
        saw(44, 0, "the same Idempotency-Key", "the same answer; with another body 422", "asked once", recorded);
    }
}
