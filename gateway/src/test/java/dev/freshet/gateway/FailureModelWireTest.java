package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.gateway.FailureRow.Seen;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.FaultAddress;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The rows of the failure model that providers cause: what the client sees, byte for byte, what the
/// provider sees, and what is recorded. Each row is run plain and with ids, alone and with another target
/// behind; over HTTP/1.1, over TLS, and over TLS and HTTP/2, toward the client and toward the provider. What was seen
/// is the table of docs/failure-model.md.
class FailureModelWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern OUTCOME =
            Pattern.compile("gen_ai_server_request_duration_seconds_count\\{[^}]*outcome=\"([^\"]*)\"");

    @TempDir
    static Path folder;

    @BeforeAll
    static void authority() throws IOException {
        Files.writeString(folder.resolve("ca.pem"), Simulator.authority());
    }

    @AfterAll
    static void write() throws IOException {
        FailureTable.TABLE.write();
    }

    private record Run(FailureRow row, Front front, boolean ids, boolean another) {
        @Override
        public String toString() {
            return row + ", " + front + (ids ? ", with ids" : "") + (another ? ", another target" : "");
        }
    }

    @Test
    void noLineOfTheTableIsWithoutATest() {
        int addresses = 8; // of the test below
        assertThat(FailureTable.lines(1, 37)).isEqualTo(FailureRow.all().count() + addresses);
    }

    static Stream<FailureRow> rows() {
        return FailureRow.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void eachFaultHasOneRightOutcome(FailureRow row) throws Exception {
        List<Run> runs = new ArrayList<>();
        Set<String> ledger = new TreeSet<>();
        for (Front front : Front.values()) {
            if (!row.isIn(front)) continue;
            for (int bits = 0; bits < 4; bits++) runs.add(new Run(row, front, (bits & 1) != 0, (bits & 2) != 0));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> running = new ArrayList<>();
            for (Run run : runs) {
                running.add(threads.submit(() -> play(run)));
                if (row.fault().row() == 36) running.getLast().get(); // it refuses every other time
            }
            for (int i = 0; i < running.size(); i++) {
                String charged = running.get(i).get();
                if (!runs.get(i).another()) ledger.add(charged);
            }
        }
        assertThat(ledger).as("alone, it is charged alike in every form").hasSize(1);
        String another = row.another().equals(row.alone()) ? "the same" : "the other target's answer";
        FailureTable.TABLE.saw(
                row.fault().row(),
                Simulator.faults().indexOf(row.fault()),
                row.fault().what(),
                row.alone().toString(),
                another,
                FailureTable.Upstream.of(row),
                new FailureTable.Recorded(row.outcome(), String.join("", ledger)));
    }

    /// The addresses where connecting fails, and one whose name takes long to look up.
    @ParameterizedTest(name = "row {0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            1 | no-such-name | 502 | upstream_unreachable
            1 | slow-name    | 504 | upstream_timeout
            2 | refused      | 502 | upstream_unreachable
            2 | no-answer    | 504 | upstream_timeout
            3 | expired      | 502 | upstream_unreachable
            3 | other-name   | 502 | upstream_unreachable
            3 | stranger     | 502 | upstream_unreachable
            3 | not-tls      | 502 | upstream_unreachable
            """)
    void aConnectionThatCanNotBeMadeLeadsToTheNextTargetOrIsSaid(int row, String name, int status, String code)
            throws Exception {
        Seen refused = new Seen.Refused(status, code);
        try (Simulator up =
                        Simulator.builder().recording(true).faultAddresses(true).start();
                Simulator behind = Simulator.builder()
                        .script("second", FailureRow.second())
                        .recording(true)
                        .start()) {
            FaultAddress address = up.addresses().stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElse(SLOW);
            for (boolean another : new boolean[] {false, true}) {
                Seen wanted = another ? FailureRow.SECOND : refused;
                for (boolean ids : new boolean[] {false, true}) {
                    Path data = Files.createTempDirectory(folder, "data");
                    String yaml = config(data, "port: 0", address.base().toString(), true, another, behind);
                    try (Gateway gateway = Gateways.withOneLoop(yaml)) {
                        String body = StreamsWireTest.body("any");
                        if (ids) withIds(Front.HTTP_1_1, gateway, body, wanted, address);
                        else plain(Front.HTTP_1_1, gateway, body, wanted, address);
                        assertThat(outcome(Front.HTTP_1_1, gateway)).isEqualTo(another ? "completed" : code);
                        LedgerRows.Row row1 = LedgerRows.await(data, 1).getFirst();
                        assertThat(row1.word()).isEqualTo(another ? "E" : "0");
                        assertThat(row1.nanoUsd()).isEqualTo(another ? null : Long.valueOf(0));
                    }
                }
            }
            assertThat(up.exchanges())
                    .as("nothing was sent, least of all as plain text")
                    .isEmpty();
            assertThat(behind.exchanges()).hasSize(2);
            int variant = up.addresses().indexOf(address);
            FailureTable.TABLE.saw(
                    row,
                    variant,
                    address.what(),
                    refused.toString(),
                    "the other target's answer",
                    FailureTable.Upstream.always("nothing is sent"),
                    new FailureTable.Recorded(code, "0"));
        }
    }

    private static final FaultAddress SLOW = new FaultAddress(
            1, "slow-name", URI.create("http://" + SlowNames.SLOW + "/v1"), "its name is not found for long");

    /// @return what the ledger has
    private static String play(Run run) throws Exception {
        FailureRow row = run.row();
        Path data = Files.createTempDirectory(folder, "data");
        try (Simulator up = Simulator.builder()
                        .recording(true)
                        .tls(run.front().secured())
                        .start();
                Simulator behind = Simulator.builder()
                        .script("second", FailureRow.second())
                        .recording(true)
                        .start();
                Gateway gateway = Gateways.withOneLoop(config(data, run, up, behind))) {
            boolean second = run.another() && !row.another().equals(row.alone());
            Seen wanted = second ? row.another() : row.alone();
            String body = StreamsWireTest.body(row.model());
            if (run.ids()) withIds(run.front(), gateway, body, wanted, run);
            else plain(run.front(), gateway, body, wanted, run);
            assertThat(outcome(run.front(), gateway)).as("%s", run).isEqualTo(second ? "completed" : row.outcome());
            LedgerRows.Row charged = LedgerRows.await(data, 1).getFirst();
            charged(charged, wanted, run);
            assertThat(up.exchanges()).as("%s", run).hasSize(row.attempts());
            assertThat(behind.exchanges()).as("%s", run).hasSize(second ? 1 : 0);
            ended(up, run);
            if (row.model().equals("fault-30") || row.model().equals("fault-25"))
                assertThat(metrics(run.front(), gateway))
                        .contains("freshet_upstream_unreadable_events_total{provider=\"up\"} 1.0");
            if (!run.another()) connection(gateway, up, run);
            return charged.word();
        }
    }

    /// Nothing for what gave nothing; what was reported; else what arrived, as an estimate.
    private static void charged(LedgerRows.Row row, Seen wanted, Run run) {
        boolean risky = run.row().model().matches("fault-(4|5|8|12|12-overloaded|17|17-.*)");
        assertThat(row.atRisk() > 0).as("%s: at risk", run).isEqualTo(risky);
        switch (wanted) {
            case Seen.Refused _ -> {
                assertThat(row.source()).as("%s", run).isNull();
                assertThat(row.nanoUsd()).as("%s", run).isEqualTo(0);
            }
            case Seen.Events(var _, var end) -> {
                if (!end.equals("[DONE]"))
                    assertThat(row.source()).as("%s", run).isEqualTo("estimated");
                assertThat(row.prompt()).as("%s", run).isPositive();
                assertThat(row.completion()).as("%s", run).isPositive();
            }
        }
    }

    private static String config(Path data, Run run, Simulator up, Simulator behind) throws IOException {
        Front front = run.front();
        String yaml = config(data, front.listen(data), front.of(up).toString(), front.secured(), run.another(), behind);
        // Netty's leak detector notes each byte of a long head of HTTP/2, which takes seconds.
        return run.row().model().equals("fault-17") ? yaml.replace("first_token: 1s", "first_token: 30s") : yaml;
    }

    private static String config(
            Path data, String listen, String base, boolean authority, boolean another, Simulator behind) {
        return """
                listen: {%s}
                data: "%s"
                providers:
                  up: {base_url: "%s"%s}
                  behind: {base_url: "%s"}
                models:
                  "*":
                    targets: [{provider: up}%s]
                    retry: {attempts: 2, base: 10ms, max: 3s}
                    timeouts: {connect: 1s, first_token: 1s, idle: 1s}
                streams: {max_event: 2MiB}
                """.formatted(
                        listen,
                        data,
                        base,
                        authority ? ", ca: \"" + folder.resolve("ca.pem") + "\"" : "",
                        behind.baseUri(),
                        another ? ", {provider: behind, model: second}" : "");
    }

    // ---- what the client sees

    private static void plain(Front front, Gateway gateway, String body, Seen wanted, Object run) throws IOException {
        Front.Answer answer = front.ask(gateway, "/v1/chat/completions", body);
        int status = answer.status();
        String rest = answer.latin();
        switch (wanted) {
            case Seen.Refused refused -> {
                assertThat(status).as("%s: %s", run, rest).isEqualTo(refused.status());
                assertThat(JSON.readTree(rest).at("/error/code").asString())
                        .as("%s", run)
                        .isEqualTo(refused.code());
                if (refused.status() == 429)
                    assertThat(answer.header("Retry-After")).as("%s", run).isPresent();
                if (refused.status() == 504 && run instanceof Run)
                    assertThat(answer.header("x-should-retry")).as("%s", run).contains("false");
            }
            case Seen.Events events -> {
                assertThat(status).as("%s: %s", run, rest).isEqualTo(200);
                StringBuilder exact = new StringBuilder();
                for (String data : events.datas())
                    exact.append("data: ").append(data).append("\n\n");
                if (events.end().equals("[DONE]")) {
                    assertThat(rest).as("%s", run).isEqualTo(exact + "data: [DONE]\n\n");
                } else {
                    assertThat(rest)
                            .as("%s", run)
                            .startsWith(exact + "data: {\"error\":")
                            .endsWith("}\n\n");
                    JsonNode error = JSON.readTree(rest.substring(exact.length() + 6));
                    assertThat(error.at("/error/code").asString()).as("%s", run).isEqualTo(events.end());
                }
            }
        }
    }

    private static void withIds(Front front, Gateway gateway, String body, Seen wanted, Object run) throws IOException {
        Front.Answer answer = front.ask(gateway, "/v1/chat/completions", body, "Freshet-Ids", "1");
        assertThat(answer.status()).as("%s", run).isEqualTo(200);
        List<Event> events = Front.events(answer);
        for (int i = 0; i < events.size(); i++)
            assertThat(events.get(i).number()).as("%s", run).isEqualTo(i + 1);
        Event end = events.removeLast();
        assertThat(end.type()).as("%s", run).isEqualTo("end");
        JsonNode state = JSON.readTree(end.data());
        Event last = events.removeLast();
        List<String> datas = switch (wanted) {
            case Seen.Refused _ -> List.of();
            case Seen.Events(var all, var _) -> all;
        };
        assertThat(events.stream().map(Event::data))
                .as("%s", run)
                .isEqualTo(datas.stream().map(FailureModelWireTest::utf8).toList());
        if (wanted instanceof Seen.Events(var _, var how) && how.equals("[DONE]")) {
            assertThat(last.data()).as("%s", run).isEqualTo("[DONE]");
            assertThat(state.get("state").asString()).as("%s", run).isEqualTo("completed");
        } else {
            JsonNode error = JSON.readTree(last.data()).get("error");
            assertThat(state.get("state").asString()).as("%s", run).isEqualTo("failed");
            assertThat(state.at("/error/code")).as("%s", run).isEqualTo(error.get("code"));
            assertThat(error.get("code").asString())
                    .as("%s", run)
                    .isEqualTo(
                            switch (wanted) {
                                case Seen.Refused refused -> refused.code();
                                case Seen.Events broken -> broken.end();
                            });
            if (wanted instanceof Seen.Refused refused)
                assertThat(error.get("status").asInt()).as("%s", run).isEqualTo(refused.status());
        }
    }

    private static String utf8(String latin) {
        return new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    // ---- what is recorded, and what the provider sees

    private static String metrics(Front front, Gateway gateway) throws IOException {
        return front.ask(gateway, "/metrics", null).text();
    }

    private static String outcome(Front front, Gateway gateway) throws IOException {
        Matcher matcher = OUTCOME.matcher(metrics(front, gateway));
        assertThat(matcher.find()).as("one exchange is recorded").isTrue();
        String outcome = matcher.group(1);
        assertThat(matcher.find()).as("only one exchange is recorded").isFalse();
        return outcome;
    }

    private static void ended(Simulator up, Run run) throws InterruptedException {
        for (Exchange exchange : up.exchanges()) {
            switch (run.row().connection()) {
                case CANCELLED, RESET -> exchange.await(Exchange.State.CANCELLED, LIMIT);
                case KEPT -> exchange.await(Exchange.State.COMPLETED, LIMIT);
                // Before or after all of the answer was written, as it happens.
                case CLOSED -> assertThat(exchange.await(LIMIT)).isNotEqualTo(Exchange.State.RUNNING);
                case LEFT -> assertThat(exchange.state()).isEqualTo(Exchange.State.RUNNING);
            }
        }
    }

    /// Asks once more, and looks which connection that takes.
    private static void connection(Gateway gateway, Simulator up, Run run) throws Exception {
        FailureRow row = run.row();
        List<Long> before = up.exchanges().stream().map(Exchange::connection).toList();
        FailureRow.Connection connection = row.connection(run.front());
        boolean goesOn = connection == FailureRow.Connection.KEPT || connection == FailureRow.Connection.RESET;
        if (goesOn && run.front() != Front.HTTP_2) {
            await(
                    () -> !metrics(run.front(), gateway).contains("freshet_upstream_connections_resting 0.0"),
                    run + ": the connection rests");
        } else if (connection == FailureRow.Connection.CLOSED || connection == FailureRow.Connection.CANCELLED) {
            await(() -> up.connections() == 0, run + ": the connection is closed");
        }
        Front.Answer answer = run.front().ask(gateway, "/v1/chat/completions", StreamsWireTest.body("tokens-1"));
        assertThat(StreamsWireTest.text(Front.events(answer))).as("%s", run).isEqualTo("1 ");
        boolean again = before.contains(up.exchanges().getLast().connection());
        assertThat(again).as("%s: used again", run).isEqualTo(goesOn);
    }

    private static void await(Callable<Boolean> condition, String what) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(5);
        }
    }
}
