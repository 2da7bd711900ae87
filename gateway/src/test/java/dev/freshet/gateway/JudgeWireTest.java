package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.gateway.meter.Ledger;
import dev.freshet.gateway.meter.SavingsReport;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
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
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A second model judges an answer while it arrives: right, wrong, slow, down, without sense, and without money.
/// And what providers say of their tokens.
class JudgeWireTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String GOOD = "The train leaves at nine.";
    private static final String OFF = "Bananas are yellow, and rich in potassium. They grow in the tropics.";

    private final Simulator simulator = Simulator.builder().recording(true).start();
    private final Simulator judges = Simulator.builder().recording(true).start();
    private final Path data;
    private final Gateway gateway;
    private final InetSocketAddress at;

    JudgeWireTest(@TempDir Path data) throws IOException {
        this.data = data;
        Files.writeString(
                data.resolve("prices.yaml"),
                "prices: [{model: \"*\", from: 2026-01-01, input: 1usd, output: 2usd, max_output: 1000, source: x}]");
        gateway = Gateways.withOwners("""
                listen: {port: 0}
                data: "%1$s"
                prices: "%1$s/prices.yaml"
                providers: {up: {base_url: "%2$s"}, judges: {base_url: "%3$s"}, away: {base_url: "http://127.0.0.1:1/v1"}}
                models:
                  held: {targets: [{provider: up}], guards: [held]}
                  live: {targets: [{provider: up}], guards: [live]}
                  strict: {targets: [{provider: up}], guards: [strict]}
                  down: {targets: [{provider: up}], guards: [down]}
                  poor: {targets: [{provider: up}], guards: [poor]}
                  audited: {targets: [{provider: up}], guards: [audited]}
                  sure: {targets: [{provider: up}], guards: [sure]}
                  judge: {targets: [{provider: judges}]}
                  away: {targets: [{provider: away}]}
                  "*": {targets: [{provider: up}]}
                guards:
                  held: {hold: {tokens: 4}, stop_when: [{id: drift, judge: {model: judge, at_tokens: 4, timeout: 2s, question: "Is it about fruit?"}}], then: {retry: {append: "No fruit."}}}
                  live: {stop_when: [{id: drift, judge: {model: judge, at_tokens: 4, timeout: 2s}}]}
                  strict: {hold: {tokens: 4}, stop_when: [{id: drift, judge: {model: judge, at_tokens: 4, timeout: 300ms, on_timeout: stop}}]}
                  down: {hold: {tokens: 4}, stop_when: [{id: drift, judge: {model: away, at_tokens: 4, timeout: 10s}}]}
                  poor: {hold: {tokens: 4}, stop_when: [{id: drift, judge: {model: judge, at_tokens: 4, timeout: 2s, budget: 0.002usd/day}}]}
                  audited: {hold: {tokens: 4}, stop_when: [{id: drift, judge: {model: judge, at_tokens: 4, timeout: 2s}}], then: {retry: {append: "No fruit."}}, audit: {holdout: 100%%}}
                  sure: {stop_when: [{confidence: {mean_logprob_below: -2, over_tokens: 3}}]}
                """.formatted(data, simulator.baseUri(), judges.baseUri()));
        at = gateway.address();
    }

    @AfterEach
    void stop() {
        gateway.close();
        simulator.close();
        judges.close();
    }

    private static Script says(String text, Object... rest) {
        List<Object> steps = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        for (String word : text.split("(?<= )", -1)) steps.add(Steps.text(word));
        steps.addAll(Arrays.asList(rest));
        return Script.of(steps.toArray());
    }

    private static Script whole(String text) {
        return says(text, Steps.finish("stop"), Steps.done(), Steps.lastChunk());
    }

    /// The judge's whole answer.
    private void judges(String answer) {
        judges.script("judge", Script.of(verdict(answer)));
    }

    private static List<Object> verdict(String answer) {
        return List.of(
                Steps.json(
                        200,
                        "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                                + answer
                                + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":3,\"total_tokens\":103}}"));
    }

    private static String body(String model) {
        return "{\"model\":\"" + model
                + "\",\"stream\":true,\"messages\":[{\"role\":\"system\",\"content\":\"You know trains.\"},"
                + "{\"role\":\"user\",\"content\":\"When does the train leave?\"}]}";
    }

    private EventClient ask(String model, String... headers) throws IOException {
        return EventClient.post(at, body(model), headers);
    }

    private String answer(String model) throws IOException {
        try (EventClient client = ask(model)) {
            assertThat(client.status()).isEqualTo(200);
            return StreamsWireTest.text(client.rest());
        }
    }

    private Saved saved(String rule, String model) {
        return Objects.requireNonNullElse(
                Ledger.ask(data, new SavingsReport(0, null)::read).get(new SavedBy(rule, model)), Saved.NOTHING);
    }

    @Test
    void anAnswerThatItFindsOffTrackIsAskedForAgain() throws Exception {
        simulator.script("held", Script.inTurn(says(OFF, Steps.hang()), whole(GOOD)));
        judges.script("judge", Script.inTurn(Script.of(verdict("0.95")), Script.of(verdict("0.1"))));
        try (EventClient client = ask("held", "Freshet-Ids: 1")) {
            List<Event> events = client.rest();
            JsonNode note = JSON.readTree(events.getLast().data()).at("/guard/0");
            assertThat(StreamsWireTest.text(events.subList(0, events.size() - 1)))
                    .isEqualTo(GOOD);
            assertThat(note.get("rule").asString()).isEqualTo("drift");
            assertThat(note.get("why").asString()).contains("0.95");
            assertThat(note.get("match").asString()).startsWith("Bananas");
        }
        JsonNode asked = JSON.readTree(judges.awaitExchange(0, LIMIT).body());
        assertThat(asked.at("/messages/0/content").asString()).contains("Is it about fruit?");
        assertThat(asked.at("/messages/1/content").asString())
                .contains("When does the train leave?", "Bananas are")
                .doesNotContain("You know trains.", "tropics");
        assertThat(asked.get("max_tokens").asInt()).isEqualTo(16);
        LedgerRows.await(data, 1);
        Saved saved = saved("held.drift", "held");
        assertThat(saved.judges().count()).as("of each answer").isEqualTo(2);
        assertThat(saved.judges().nanoUsd()).isEqualTo(2 * (100 * 1_000 + 3 * 2_000));
        assertThat(LedgerRows.number(data, "SELECT sum(nano_usd) FROM total WHERE model = 'judge'"))
                .isEqualTo(212_000);
    }

    /// Content flows while it is judged; the end does not wait for it either.
    @Test
    void withoutAHoldNothingWaitsForIt() throws Exception {
        simulator.script("live", says(OFF, Steps.gate("judged"), Steps.text(" More."), Steps.hang()));
        judges.script("judge", Script.of(Steps.gate("heard"), verdict("1.0").getFirst()));
        try (EventClient client = ask("live")) {
            StringBuilder text = new StringBuilder();
            while (!text.toString().equals(OFF)) {
                JsonNode chunk =
                        JSON.readTree(Objects.requireNonNull(client.next()).data());
                text.append(chunk.at("/choices/0/delta/content").asString(""));
            }
            judges.open("heard");
            List<Event> rest = client.rest();
            assertThat(rest.getFirst().data()).contains("\"finish_reason\":\"content_filter\"");
        }
        simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
        simulator.script("live", says(OFF, Steps.gate("asked"), Steps.finish("stop"), Steps.done(), Steps.lastChunk()));
        judges.script("judge", Script.of(Steps.hang()));
        try (EventClient client = ask("live")) {
            Exchange judge = judges.awaitExchange(1, LIMIT);
            simulator.open("asked");
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo(OFF);
            judge.await(Exchange.State.CANCELLED, LIMIT);
        }
    }

    @Test
    void aSlowOneIsWaitedForUntilItsLimitAndThenTheRuleSaysWhatFollows() throws Exception {
        judges.script("judge", Script.of(Steps.hang()));
        simulator.script("held", whole(OFF));
        long began = System.nanoTime();
        assertThat(answer("held")).as("on_timeout: pass").isEqualTo(OFF);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        assertThat(took).isBetween(Duration.ofMillis(1_900), Duration.ofSeconds(8));
        simulator.script("strict", whole(OFF));
        began = System.nanoTime();
        try (EventClient client = ask("strict")) {
            assertThat(client.status()).as("on_timeout: stop").isEqualTo(422);
            assertThat(client.body()).contains("its judge was not heard");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(6));
        judges.awaitExchange(1, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
    }

    @Test
    void oneThatIsDownPassesAtOnce() throws Exception {
        simulator.script("down", whole(OFF));
        long began = System.nanoTime();
        assertThat(answer("down")).isEqualTo(OFF);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
        LedgerRows.await(data, 1);
        assertThat(saved("down.drift", "down").judges().count())
                .as("nothing was asked")
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"I think that it is fine.", "7", "1.5", "95%", "", "yes"})
    void whatIsNoNumberFromZeroToOneIsNoVerdict(String nonsense) throws Exception {
        judges(nonsense);
        simulator.script("held", whole(OFF));
        assertThat(answer("held")).isEqualTo(OFF);
        simulator.script("strict", whole(OFF));
        try (EventClient client = ask("strict")) {
            assertThat(client.status()).isEqualTo(422);
        }
    }

    @Test
    void oneThatFailsIsNoVerdict() throws Exception {
        judges.script("judge", Script.of(Steps.json(500, "{\"error\":{\"message\":\"away\"}}")));
        simulator.script("held", whole(OFF));
        assertThat(answer("held")).isEqualTo(OFF);
    }

    /// Two thousandths of a dollar are enough for one call, whose most is set aside before.
    @Test
    void overItsBudgetItIsNotAsked() throws Exception {
        simulator.script("poor", whole(OFF));
        int asked = 0;
        judges("0.1");
        for (int i = 0; i < 30; i++) {
            assertThat(answer("poor")).isEqualTo(OFF);
            asked = judges.exchanges().size();
        }
        assertThat(asked)
                .as("106,000 nano-dollars each, and the most of one more")
                .isBetween(5, 18);
        LedgerRows.await(data, 30);
        assertThat(saved("poor.drift", "poor").judges().nanoUsd()).isBetween(500_000L, 2_000_000L);
    }

    /// The answer that it stopped runs on, and it is asked again when it is whole.
    @Test
    void whereItIsWrongTheAuditShowsIt() throws Exception {
        Script first = says(
                GOOD + " Platform four is on the left.",
                Steps.gate("rest"),
                Steps.text(" Have a good journey."),
                Steps.finish("stop"),
                Steps.done(),
                Steps.lastChunk());
        simulator.script("audited", Script.inTurn(first, whole(GOOD)));
        judges.script(
                "judge",
                Script.inTurn(Script.of(verdict("0.9")), Script.of(verdict("0.0")), Script.of(verdict("0.05"))));
        assertThat(answer("audited")).isEqualTo(GOOD);
        simulator.open("rest");
        Eventually.is(() -> saved("audited.drift", "audited").tokens().n() == 1);
        assertThat(saved("audited.drift", "audited").mistaken()).isOne();
        assertThat(JSON.readTree(judges.awaitExchange(2, LIMIT).body())
                        .at("/messages/1/content")
                        .asString())
                .contains("The train leaves at nine. Platform four is on the left. Have a good journey.");
        Eventually.is(() -> saved("audited.drift", "audited").judges().count() == 3);
        assertThat(LedgerRows.number(
                        data, "SELECT sum(nano_usd) FROM total WHERE owner = 'holdout' AND model = 'judge'"))
                .isEqualTo(106_000);
    }

    private static Object improbable(String token, double logprob) {
        return Steps.event("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + token
                + "\"},\"logprobs\":{\"content\":[{\"token\":\"" + token + "\",\"logprob\":" + logprob + "}]}}]}");
    }

    @Test
    void anAnswerOfImprobableTokensIsStopped() throws Exception {
        simulator.script(
                "sure",
                Script.of(
                        Steps.head(),
                        Steps.role(),
                        improbable("The ", -0.1),
                        improbable("answer ", -0.2),
                        improbable("is ", -1.0),
                        improbable("zarf ", -3.0),
                        improbable("quon ", -4.0),
                        Steps.hang()));
        try (EventClient client = ask("sure", "Freshet-Ids: 1")) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events.subList(0, events.size() - 1)))
                    .startsWith("The answer ");
            JsonNode note = JSON.readTree(events.getLast().data()).at("/guard/0");
            assertThat(note.get("why").asString()).isEqualTo("its tokens are improbable (mean logarithm -2.67 over 3)");
            assertThat(note.get("at").asInt()).isEqualTo("The answer ".length());
        }
        simulator.script("sure", whole(GOOD));
        assertThat(answer("sure")).as("where nothing is said of tokens").isEqualTo(GOOD);
    }

    /// What was found is in no report: not in the state, not in the ledger, not in a retry's message.
    @Test
    void aSecretIsToldNobody() throws Exception {
        String secret = "AKIAJ5QZ7W3X2M4N6P2R";
        String own =
                ",\"freshet\":{\"guard\":{\"add\":[{\"secrets\":[\"all\"]}],\"then\":{\"after_release\":\"truncate\"}}}";
        simulator.script("any", says("The key is " + secret + " as you asked.", Steps.hang()));
        try (EventClient client = EventClient.post(at, body("any").replaceFirst("}$", own + "}"), "Freshet-Ids: 1")) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events.subList(0, events.size() - 1)))
                    .isEqualTo("The key is ");
            assertThat(events).noneMatch(event -> event.data().contains("AKIA"));
            assertThat(events.getLast().data()).contains("a key of Amazon's");
        }
        assertThat(LedgerRows.await(data, 1).getFirst().detail()).isNotNull().doesNotContain("AKIA");
    }
}
