package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.meter.Extra;
import dev.freshet.gateway.meter.Ledger;
import dev.freshet.gateway.meter.SavingsReport;
import dev.freshet.gateway.model.Estimate;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Usage;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What guards' stops avoid and cost: over the wire, into the ledger, and out of it.
class SavingsWireTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final SavedBy FRUIT = new SavedBy("held.fruit", "held");
    private static final long DAY = 86_400;

    private static final String YAML = """
            listen: {port: 0}
            data: "%1$s"
            prices: "%1$s/prices.yaml"
            providers:
              up: {base_url: "%2$s"}
              bills: {base_url: "%2$s", abort: none}
              on: {base_url: "%2$s", abort: none, read_on: true}
            models:
              held: {targets: [{provider: up}], guards: [held]}
              stopped: {targets: [{provider: up}], guards: [stopped]}
              bills: {targets: [{provider: bills}], guards: [held]}
              on: {targets: [{provider: on}], guards: [held]}
              sum: {targets: [{provider: up}], guards: [sum]}
              refused: {targets: [{provider: up}], guards: [refused]}
              reported: {targets: [{provider: up}], guards: [reported]}
            guards:
              held: {hold: {tokens: 200}, stop_when: [{id: fruit, contains: [banana]}], then: {retry: {append: "No fruit."}}, audit: {holdout: 100%%}}
              stopped: {hold: {tokens: 200}, stop_when: [{id: fruit, contains: [banana]}], then: {retry: {append: "No fruit."}}}
              sum: {hold: {tokens: 60}, stop_when: [{id: fruit, contains: [banana]}], then: {retry: {append: "No fruit."}}, audit: {holdout: 10%%}}
              refused: {stop_when: [{id: fruit, contains: [banana]}, {id: nuts, contains: [almond]}], audit: {holdout: 5%%, below_break_even: refuse}}
              reported: {stop_when: [{id: fruit, contains: [banana]}], audit: {holdout: 5%%}}
            """;

    private final Simulator simulator = Simulator.builder().recording(true).start();
    private final Path data;
    private Gateway gateway;
    private InetSocketAddress at;

    SavingsWireTest(@TempDir Path data) throws IOException {
        this.data = data;
        Files.writeString(
                data.resolve("prices.yaml"),
                "prices: [{model: \"*\", from: 2026-01-01, input: 1usd, output: 2usd, max_output: 1000, source: x}]");
        gateway = Gateways.withOwners(YAML.formatted(data, simulator.baseUri()));
        at = gateway.address();
    }

    @AfterEach
    void stop() {
        gateway.close();
        simulator.close();
    }

    /// So many tokens, each of them a word and an event.
    private static List<Object> tokens(int count) {
        List<Object> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) steps.add(Steps.text(" the"));
        return steps;
    }

    /// So many times ten tokens, in an event each.
    private static List<Object> tens(int count) {
        List<Object> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) steps.add(Steps.text(" the".repeat(10)));
        return steps;
    }

    private static List<Object> end() {
        return List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk());
    }

    @SafeVarargs
    private static Script answer(List<Object>... parts) {
        List<Object> steps = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        for (List<Object> part : parts) steps.addAll(part);
        return Script.of(steps.toArray());
    }

    /// A banana is the last of its first so many tokens; the rest comes when a gate is open.
    private static Script offTrack(int until, int rest, String gate) {
        return answer(tokens(until - 1), List.of(Steps.text(" banana"), Steps.gate(gate)), tokens(rest), end());
    }

    private static Script good(int count) {
        return answer(tokens(count), end());
    }

    private static String body(String model) {
        return "{\"model\":\"" + model
                + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Tell me of trains.\"}]}";
    }

    private String ask(String model, String... headers) throws IOException {
        try (EventClient client = EventClient.post(at, body(model), headers)) {
            assertThat(client.status()).isEqualTo(200);
            return StreamsWireTest.text(client.rest());
        }
    }

    private Map<SavedBy, Saved> saved() {
        return Ledger.ask(data, new SavingsReport(0, null)::read);
    }

    private Saved saved(SavedBy by) {
        return Objects.requireNonNullElse(saved().get(by), Saved.NOTHING);
    }

    @Test
    void aHeldOutAnswerRunsOnUnseenWhileItsClientGetsTheNextOne() throws Exception {
        simulator.script("held", Script.inTurn(offTrack(50, 450, "rest"), good(30)));
        assertThat(ask("held")).isEqualTo(" the".repeat(30));
        Exchange first = simulator.awaitExchange(0, LIMIT);
        assertThat(first.state()).as("it is not closed").isEqualTo(Exchange.State.RUNNING);
        LedgerRows.await(data, 1);
        assertThat(saved(FRUIT).held()).isOne();
        assertThat(saved(FRUIT).tokens().n()).as("its end was not seen").isZero();
        simulator.open("rest");
        first.await(Exchange.State.COMPLETED, LIMIT);
        Eventually.is(() -> saved(FRUIT).tokens().n() == 1);
        Saved saved = saved(FRUIT);
        assertThat(saved.stops()).isOne();
        assertThat(saved.tokens().sum()).isEqualTo(450);
        assertThat(saved.nanoUsd().sum()).as("two dollars a million").isEqualTo(900_000);
        assertThat(saved.retries().count()).isOne();
        assertThat(saved.retries().tokens()).isGreaterThan(30);
    }

    /// The client pays for what it would have paid for without an audit; the operator sees all.
    @Test
    void whatAHoldoutCostsIsNoClientsToPay() throws Exception {
        simulator.script("held", Script.inTurn(offTrack(50, 450, "rest"), good(30)));
        ask("held", "Authorization: Bearer alice");
        simulator.open("rest");
        Eventually.is(() -> saved(FRUIT).tokens().n() == 1);
        assertThat(LedgerRows.all(data).getFirst().completion()).isEqualTo(80);
        String sql = "SELECT sum(completion) FROM total WHERE owner ";
        assertThat(LedgerRows.number(data, sql + "= 'alice'")).isEqualTo(80);
        assertThat(LedgerRows.number(data, sql + "= 'holdout'")).isEqualTo(450);
        assertThat(LedgerRows.number(data, "SELECT sum(requests) FROM total")).isOne();
    }

    @Test
    void whatTheProviderCountsIsTakenForTheRest() throws Exception {
        String usage = "{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":620,"
                + "\"completion_tokens_details\":{\"reasoning_tokens\":120}}}";
        List<Object> counted = List.of(Steps.finish("stop"), Steps.event(usage), Steps.done(), Steps.lastChunk());
        Script first = answer(tokens(49), List.of(Steps.text(" banana"), Steps.gate("rest")), tokens(450), counted);
        simulator.script("held", Script.inTurn(first, good(30)));
        ask("held");
        simulator.open("rest");
        Eventually.is(() -> saved(FRUIT).tokens().n() == 1);
        assertThat(saved(FRUIT).tokens().sum())
                .as("without what it had thought before, that nobody was shown")
                .isEqualTo(450);
    }

    @Test
    void withoutAnAuditTheProviderIsClosedAndNothingIsEstimated() throws Exception {
        simulator.script("stopped", Script.inTurn(offTrack(50, 450, "never"), good(30)));
        ask("stopped");
        simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
        LedgerRows.await(data, 1);
        Saved saved = saved(new SavedBy("stopped.fruit", "stopped"));
        assertThat(saved.stops()).isOne();
        assertThat(saved.held()).isZero();
        assertThat(saved.avoidedTokens()).isNull();
        assertThat(saved.pays()).isEqualTo(Saved.Pays.NOT_ESTIMATED);
    }

    @Test
    void aProviderThatBillsOnIsNotCreditedAndItsCountIsALowerBound() throws Exception {
        simulator.script("bills", Script.inTurn(offTrack(50, 450, "never"), good(30)));
        try (EventClient client = EventClient.post(at, body("bills"), "Freshet-Ids: 1")) {
            JsonNode end = JSON.readTree(client.rest().getLast().data());
            assertThat(end.at("/attempts/0/usage/at_least").asBoolean()).isTrue();
            assertThat(end.at("/attempts/1/usage/at_least").isMissingNode()).isTrue();
        }
        simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
        LedgerRows.await(data, 1);
        Saved saved = saved(new SavedBy("held.fruit", "bills"));
        assertThat(saved.stops()).isZero();
        assertThat(saved.uncredited()).isOne();
        assertThat(saved.held()).as("there is nothing to find out").isZero();
        assertThat(Objects.requireNonNull(saved.net()).high()).isNegative();
        assertThat(saved.pays()).isEqualTo(Saved.Pays.NO);
    }

    @Test
    void whereTheProviderBillsOnItCanBeReadOnAndIsBilledWhole() throws Exception {
        simulator.script("on", Script.inTurn(offTrack(50, 450, "rest"), good(30)));
        ask("on", "Authorization: Bearer alice");
        LedgerRows.await(data, 1);
        simulator.open("rest");
        simulator.awaitExchange(0, LIMIT).await(Exchange.State.COMPLETED, LIMIT);
        String sql = "SELECT sum(completion) FROM total WHERE owner = 'alice'";
        Eventually.is(() -> LedgerRows.number(data, sql) == 530);
        assertThat(saved(new SavedBy("held.fruit", "on")).tokens().n()).isZero();
    }

    @Test
    void aClientThatLeavesIsReadOnForWhereItsProviderBillsOn() throws Exception {
        simulator.script("on", answer(tokens(20), List.of(Steps.gate("rest")), tokens(100), end()));
        try (EventClient client = EventClient.post(at, body("on"), "Freshet-Ids: 1")) {
            Exchange first = simulator.awaitExchange(0, LIMIT);
            Eventually.is(() -> first.writes() == 22);
            try (EventClient stop = EventClient.send(at, "DELETE", "/v1/streams/" + client.stream())) {
                assertThat(stop.status()).isEqualTo(202);
            }
        }
        LedgerRows.await(data, 1);
        simulator.open("rest");
        simulator.awaitExchange(0, LIMIT).await(Exchange.State.COMPLETED, LIMIT);
        Eventually.is(() -> LedgerRows.number(data, "SELECT sum(completion) FROM total") == 120);
    }

    /// Who leaves would have left the answer that is held out as well.
    @Test
    void aClientThatLeavesEndsWhatIsHeldOut() throws Exception {
        simulator.script(
                "held",
                Script.inTurn(
                        answer(
                                tokens(49),
                                List.of(Steps.text(" banana"), Steps.gate("a")),
                                tokens(100),
                                List.of(Steps.gate("never"))),
                        answer(tokens(210), List.of(Steps.hang()))));
        try (EventClient client = EventClient.post(at, body("held"))) {
            assertThat(client.next()).isNotNull();
            simulator.open("a");
            Exchange first = simulator.awaitExchange(0, LIMIT);
            Eventually.is(() -> first.writes() == 152);
        }
        simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
        Eventually.is(() -> saved(FRUIT).tokens().n() == 1);
        assertThat(saved(FRUIT).tokens().sum()).isBetween(0.0, 100.0);
    }

    /// A provider that writes faster than anybody reads is billed for what it had written.
    @Test
    void whatCameWithTheSameReadAsTheReasonForAStopIsBilled() throws Exception {
        StringBuilder burst = new StringBuilder();
        String chunk = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}\n\n";
        burst.append(chunk.formatted(" banana"));
        for (int i = 0; i < 24; i++) burst.append(chunk.formatted(" the"));
        Script first = answer(tokens(5), List.of(Steps.chunk(burst.toString()), Steps.hang()));
        simulator.script("stopped", Script.inTurn(first, good(30)));
        ask("stopped");
        LedgerRows.Row row = LedgerRows.await(data, 1).getFirst();
        JsonNode attempts = JSON.readTree(Objects.requireNonNull(row.detail())).get("attempts");
        assertThat(attempts.at("/0/usage/completion_tokens").asInt()).isEqualTo(30);
        assertThat(row.completion()).isEqualTo(60);
    }

    /// The sum of the guide: answers of 500 tokens, one of four off track, cut at 50 and asked for again.
    @Test
    void theReportIsTheSumByHand() throws Exception {
        int answers = 2_000;
        AtomicInteger number = new AtomicInteger();
        List<Object> banana = List.of(Steps.text(" banana"), Steps.gate("rest"));
        Script bad = answer(tens(4), tokens(9), banana, tens(45), end());
        Script whole = answer(tens(50), end());
        simulator.script("sum", call -> {
            boolean again = call.prompt().equals("No fruit.");
            return (!again && number.getAndIncrement() % 4 == 3 ? bad : whole).play(call);
        });
        try (ExecutorService clients = Executors.newFixedThreadPool(24)) {
            List<Future<String>> all = new ArrayList<>();
            for (int i = 0; i < answers; i++) all.add(clients.submit(() -> ask("sum")));
            for (Future<String> one : all) assertThat(one.get()).isEqualTo(" the".repeat(500));
        }
        LedgerRows.await(data, answers);
        simulator.open("rest");
        SavedBy by = new SavedBy("sum.fruit", "sum");
        Eventually.is(() -> saved(by).tokens().n() == saved(by).held());
        Saved saved = saved(by);
        int offTrack = answers / 4;
        long stopped = offTrack - saved.held();
        assertThat(saved.stops()).isEqualTo(offTrack);
        assertThat(saved.held()).as("one of ten").isBetween(25L, 80L);
        Estimate avoided = Objects.requireNonNull(saved.avoidedTokens());
        assertThat(avoided.mean()).isEqualTo(450.0 * stopped);
        assertThat(saved.tokens().sum()).isEqualTo(450.0 * saved.held());
        long prompt = saved.retries().tokens() / offTrack - 500; // counted once by the gateway for each
        assertThat(saved.retries().tokens()).isEqualTo(offTrack * (500 + prompt));
        double byHand =
                2_000.0 * 450 * stopped - offTrack * (2_000.0 * 500 + 1_000.0 * prompt) - 2_000.0 * 450 * saved.held();
        assertThat(Objects.requireNonNull(saved.net()).mean()).isEqualTo(byHand);
        assertThat(saved.pays())
                .as("a retry of the same length costs more than the rest")
                .isEqualTo(Saved.Pays.NO);
        long spent = LedgerRows.number(data, "SELECT sum(completion) FROM total");
        assertThat(spent).isEqualTo(500L * answers + 50L * offTrack + 450L * saved.held());
    }

    @Test
    void theKeyIsToldAndTheMetricsSayIt() throws Exception {
        simulator.script("held", Script.inTurn(offTrack(50, 450, "rest"), good(30)));
        ask("held");
        simulator.open("rest");
        Eventually.is(() -> saved(FRUIT).tokens().n() == 1);
        try (EventClient client = EventClient.get(at, "/v1/usage?savings=1")) {
            JsonNode row = JSON.readTree(client.body()).at("/savings/0");
            assertThat(row.get("rule").asString()).isEqualTo("held.fruit");
            assertThat(row.at("/holdout/n").asInt()).isOne();
            assertThat(row.at("/holdout/tokens").asInt()).isEqualTo(450);
            assertThat(row.get("net_nano_usd").isNull()).as("n is under 30").isTrue();
            assertThat(row.get("pays").asString()).isEqualTo("not estimated");
        }
        try (EventClient client = EventClient.get(at, "/v1/usage")) {
            assertThat(JSON.readTree(client.body()).has("savings")).isFalse();
        }
        try (EventClient client = EventClient.get(at, "/v1/usage?savings=yes")) {
            assertThat(client.status()).isEqualTo(400);
        }
        try (EventClient client = EventClient.get(at, "/metrics")) {
            assertThat(client.body())
                    .contains("freshet_guard_stops_total{credited=\"true\",model=\"held\",rule=\"held.fruit\"} 1.0")
                    .contains("freshet_guard_held_tokens_total{model=\"held\",rule=\"held.fruit\"} 450.0")
                    .contains("freshet_guard_cost_usd_total{model=\"held\",of=\"holdout\",rule=\"held.fruit\"}");
        }
    }

    /// Of a rule in the ledger: so many stops, of which so many were held out, with so much left of each.
    private void past(Ledger ledger, SavedBy by, int stops, int held, long rest) {
        for (int i = 0; i < stops; i++) {
            Saved saved = Saved.ofStop(true, i < held).plus(Saved.ofRetry(600, 1_000_000L));
            if (i < held) saved = saved.plus(Saved.ofRest(rest, rest * 2_000, false));
            long now = System.currentTimeMillis() / 1_000 - DAY;
            ledger.spent(new Extra(now, Extra.HOLDOUT, by.model(), "up", Usage.reported(0, 0), 0L, "", by, saved));
        }
    }

    private void startAgainAfter(Map<SavedBy, Long> rests) throws IOException {
        gateway.close();
        try (Ledger ledger = Ledger.open(data, () -> Duration.ofDays(90), () -> System.currentTimeMillis() / 1_000)) {
            ledger.start();
            rests.forEach((by, rest) -> past(ledger, by, 1_000, 50, rest));
        }
        gateway = Gateways.withOwners(YAML.formatted(data, simulator.baseUri()));
        at = gateway.address();
    }

    @Test
    void aRuleThatCostsMoreThanItSavesIsReportedAndLeftOutWhereTheOperatorAsked() throws Exception {
        SavedBy fruit = new SavedBy("refused.fruit", "refused");
        SavedBy nuts = new SavedBy("refused.nuts", "refused");
        SavedBy reported = new SavedBy("reported.fruit", "reported");
        startAgainAfter(Map.of(fruit, 100L, nuts, 2_000L, reported, 100L));
        assertThat(saved(fruit).pays()).isEqualTo(Saved.Pays.NO);
        assertThat(saved(nuts).pays()).isEqualTo(Saved.Pays.YES);
        String text = " banana" + " the".repeat(9);
        simulator.script("refused", answer(List.of(Steps.text(" banana")), tokens(9), end()));
        Eventually.is(() -> status("refused") == 200);
        assertThat(ask("refused")).isEqualTo(text);
        simulator.script("reported", answer(List.of(Steps.text(" banana")), tokens(9), end()));
        assertThat(status("reported")).as("reported only").isEqualTo(422);
        simulator.script("refused", answer(List.of(Steps.text(" almond")), tokens(9), end()));
        assertThat(status("refused")).as("this one pays").isEqualTo(422);
        Eventually.is(() ->
                metrics().contains("freshet_savings_net_usd{bound=\"mean\",model=\"refused\",rule=\"refused.nuts\"}"));
        assertThat(metrics()).contains("freshet_savings_holdouts{model=\"refused\",rule=\"refused.fruit\"} 50.0");
    }

    private int status(String model) {
        try (EventClient client = EventClient.post(at, body(model))) {
            client.body();
            return client.status();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String metrics() {
        try (EventClient client = EventClient.get(at, "/metrics")) {
            return client.body();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
