package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.gateway.access.Admission;
import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.net.NettyLoop;
import dev.freshet.gateway.net.Transport;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Guards and everything else that may happen to an answer: readers that come and go, providers that fail,
/// several choices, calls of tools, limits on money, keys.
class GuardJourneyWireTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Simulator first = Simulator.builder().recording(true).start();
    private final Simulator second = Simulator.builder().recording(true).start();
    private final Gateway gateway;
    private final InetSocketAddress at;

    GuardJourneyWireTest() throws IOException {
        String yaml = """
                listen: {port: 0}
                ledger: off
                providers:
                  one: {base_url: "FIRST", prefill: {field: prefix}}
                  two: {base_url: "SECOND", prefill: {field: prefix}}
                models:
                  held: {targets: [{provider: one}], guards: [held]}
                  patient: {targets: [{provider: one}], guards: [patient]}
                  pair: {targets: [{provider: one}, {provider: two}], guards: [held], timeouts: {idle: 300ms}}
                  live: {targets: [{provider: one}], guards: [live]}
                  calls: {targets: [{provider: one}], guards: [calls]}
                  thinker: {targets: [{provider: one}], guards: [thinker]}
                  going-on: {targets: [{provider: one}], guards: [live], continue: prefill}
                  secret: {targets: [{provider: one}]}
                  "*": {targets: [{provider: one}]}
                guards:
                  held: {hold: {tokens: 12}, stop_when: [{contains: [banana]}], then: {retry: {append: "No fruit."}}}
                  patient: {hold: {tokens: 50, time: 400ms}, stop_when: [{contains: [banana]}]}
                  live: {stop_when: [{contains: [banana]}]}
                  calls: {channel: tool_arguments, stop_when: [{contains: [banana]}]}
                  thinker: {channel: reasoning, hold: {tokens: 12}, stop_when: [{contains: [banana]}], then: {retry: {append: "Think."}}}
                  purse: {stop_when: [{id: money, spend: {usd: 0.001}}]}
                  twice: {hold: {tokens: 30}, stop_when: [{id: a, contains: [banana]}, {id: b, contains: [cherry]}], then: {retry: {append: "Again."}}}
                guard_limits: {attempts: 3}
                """.replace("FIRST", first.baseUri().toString())
                .replace("SECOND", second.baseUri().toString());
        gateway = Gateway.listening(
                ConfigFile.parse(yaml, "freshet.yaml", new Environment(Map.of())),
                null,
                Transport.fastest(),
                2,
                (bearer, _) -> new Admission.Admitted(new Caller(
                        new Owner(String.valueOf(bearer)),
                        null,
                        null,
                        "limited".equals(bearer)
                                ? new Allowance(List.of("live"), null, null, null, null)
                                : Allowance.ALL,
                        null)),
                NettyLoop::new);
        gateway.ready();
        at = gateway.address();
    }

    @AfterEach
    void stop() {
        gateway.close();
        first.close();
        second.close();
    }

    private static Script script(Object... steps) {
        List<Object> all = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        all.addAll(Arrays.asList(steps));
        return Script.of(all.toArray());
    }

    private static Object[] words(String text) {
        return Arrays.stream(text.split("(?<= )", -1)).map(Steps::text).toArray();
    }

    private static Script whole(String text) {
        List<Object> steps = new ArrayList<>(Arrays.asList(words(text)));
        steps.addAll(List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk()));
        return script(steps.toArray());
    }

    private static String body(String model, String more) {
        return "{\"model\":\"" + model + "\",\"stream\":true" + more
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Tell me.\"}]}";
    }

    private EventClient ask(String model, String... headers) throws IOException {
        return EventClient.post(at, body(model, ""), headers);
    }

    private JsonNode state(String id) throws IOException {
        try (EventClient client = EventClient.get(at, "/v1/streams/" + id)) {
            return JSON.readTree(client.body());
        }
    }

    private static String data(EventClient client) throws IOException {
        return Objects.requireNonNull(client.next()).data();
    }

    private static String finish(List<Event> events) {
        return events.stream()
                .map(Event::data)
                .filter(data -> data.startsWith("{"))
                .map(data -> JSON.readTree(data).at("/choices/0/finish_reason").asString(""))
                .filter(reason -> !reason.isEmpty())
                .findFirst()
                .orElse("none");
    }

    /// Who comes during a hold, or during a retry, sees what the first reader sees.
    @Test
    void readersThatComeDuringAHoldOrARetrySeeTheSame() throws Exception {
        first.script(
                "held",
                Script.inTurn(
                        script(
                                Steps.text("One "),
                                Steps.text("two "),
                                Steps.gate("hold"),
                                Steps.text("banana "),
                                Steps.hang()),
                        script(
                                Steps.text("Three "),
                                Steps.gate("retry"),
                                Steps.text("four."),
                                Steps.finish("stop"),
                                Steps.done(),
                                Steps.lastChunk())));
        try (EventClient asker = ask("held", "Freshet-Ids: 1")) {
            String id = asker.stream();
            first.awaitExchange(0, LIMIT);
            try (EventClient inHold = EventClient.get(at, "/v1/streams/" + id + "/events")) {
                assertThat(state(id).get("cursor").asString()).endsWith("-0");
                first.open("hold");
                first.awaitExchange(1, LIMIT);
                try (EventClient inRetry = EventClient.get(at, "/v1/streams/" + id + "/events")) {
                    assertThat(state(id).get("cursor").asString()).endsWith("-0");
                    first.open("retry");
                    List<Event> all = asker.rest();
                    assertThat(StreamsWireTest.text(all.subList(0, all.size() - 1)))
                            .isEqualTo("Three four.");
                    assertThat(all.stream().map(Event::number)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
                    assertThat(inHold.rest()).isEqualTo(all);
                    assertThat(inRetry.rest()).isEqualTo(all);
                }
            }
            try (EventClient late = EventClient.get(at, "/v1/streams/" + id + "/events", "Last-Event-ID: 2")) {
                assertThat(data(late)).contains("four.");
            }
        }
    }

    @Test
    void aHoldEndsWithItsTime() throws Exception {
        first.script("patient", script(Steps.text("One "), Steps.gate("never"), Steps.hang()));
        long began = System.nanoTime();
        try (EventClient client = ask("patient")) {
            assertThat(data(client)).contains("role");
            assertThat(data(client)).contains("One ");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(390));
        }
    }

    @Test
    void aHoldEndsWithItsTokens() throws Exception {
        first.script(
                "patient", script(words("a b c d e f g h i j k l m n o p q r s t u v w x y z ".repeat(2) + "and")));
        try (EventClient client = ask("patient")) {
            long began = System.nanoTime();
            assertThat(data(client)).contains("role");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(390));
        }
    }

    /// Nobody has seen anything, so it is a failure before the first token.
    @Test
    void aProviderThatFailsDuringAHoldIsReplaced() throws Exception {
        first.script("pair", script(Steps.text("One "), Steps.hang()));
        second.script("pair", whole("Two three."));
        try (EventClient client = ask("pair")) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo("Two three.");
            JsonNode state = state(client.stream());
            assertThat(state.at("/attempts/0/outcome").asString()).isEqualTo("upstream_stalled");
            assertThat(state.at("/attempts/1/outcome").asString()).isEqualTo("completed");
            assertThat(state.get("guard")).isEmpty();
        }
    }

    @Test
    void whatWasHeldBackIsShownWhereTheAnswerBreaksOff() throws Exception {
        first.script("live", script(Steps.text("One "), Steps.text("bana"), Steps.close()));
        try (EventClient client = ask("live")) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events.subList(0, events.size() - 1)))
                    .isEqualTo("One bana");
            assertThat(events.getLast().data()).contains("\"code\":\"upstream_truncated\"");
        }
    }

    @Test
    void anAnswerThatIsGoneOnWithIsWatchedAcrossTheSeam() throws Exception {
        first.script(
                "going-on",
                Script.inTurn(
                        script(Steps.text("One "), Steps.text("ba"), Steps.close()),
                        script(Steps.text("banana"), Steps.text(" split."), Steps.hang())));
        try (EventClient client = ask("going-on")) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events)).isEqualTo("One ");
            assertThat(finish(events)).isEqualTo("content_filter");
        }
        assertThat(JSON.readTree(first.exchanges().get(1).body())
                        .at("/messages/1/content")
                        .asString())
                .isEqualTo("One");
    }

    @Test
    void argumentsOfToolsAreLookedAtOnlyWhereAGuardSaysSo() throws Exception {
        String call =
                "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":\\\"banana\\\"}\"}}]},\"finish_reason\":null}]}";
        Script calls = script(Steps.event(call), Steps.finish("tool_calls"), Steps.done(), Steps.lastChunk());
        first.script("live", calls);
        try (EventClient client = ask("live")) {
            assertThat(finish(client.rest())).isEqualTo("tool_calls");
        }
        first.script("calls", calls);
        try (EventClient client = ask("calls")) {
            assertThat(client.status()).isEqualTo(422);
        }
    }

    @Test
    void reasoningIsHeldAndWatched() throws Exception {
        String thought =
                "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"%s\"},\"finish_reason\":null}]}";
        first.script(
                "thinker",
                Script.inTurn(
                        script(
                                Steps.event(thought.formatted("A banana, ")),
                                Steps.event(thought.formatted("perhaps.")),
                                Steps.hang()),
                        whole("An apple.")));
        try (EventClient client = ask("thinker")) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo("An apple.");
            assertThat(state(client.stream()).at("/guard/0/channel").asString()).isEqualTo("reasoning");
        }
    }

    @Test
    void allChoicesEndWhereOneIsStopped() throws Exception {
        String chunk =
                "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":%d,\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}]}";
        first.script(
                "live",
                script(
                        Steps.event(chunk.formatted(0, "One ")),
                        Steps.event(chunk.formatted(1, "Two ")),
                        Steps.event(chunk.formatted(1, "banana")),
                        Steps.hang()));
        try (EventClient client = EventClient.post(at, body("live", ",\"n\":2"))) {
            List<Event> events = client.rest();
            JsonNode last = JSON.readTree(events.get(events.size() - 2).data());
            assertThat(last.get("choices")).hasSize(2);
            assertThat(last.at("/choices/0/finish_reason").asString()).isEqualTo("content_filter");
            assertThat(last.at("/choices/1/finish_reason").asString()).isEqualTo("content_filter");
            assertThat(last.get("id").asString())
                    .isEqualTo(JSON.readTree(events.getFirst().data()).get("id").asString());
        }
    }

    @Test
    void differentRulesMayEachHaveTheirRetryButNoneTheSameTwice() throws Exception {
        first.script(
                "m",
                Script.inTurn(
                        script(Steps.text("a banana "), Steps.hang()),
                        script(Steps.text("a cherry "), Steps.hang()),
                        whole("An apple.")));
        try (EventClient client = ask("m", "Freshet-Guard: twice")) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo("An apple.");
        }
        assertThat(JSON.readTree(first.exchanges().get(2).body()).get("messages"))
                .hasSize(3);
        first.script("m", script(Steps.text("a banana "), Steps.hang()));
        try (EventClient client = ask("m", "Freshet-Guard: twice")) {
            assertThat(client.status()).isEqualTo(422);
        }
        assertThat(first.exchanges()).hasSize(5);
    }

    /// All attempts together cost at most 1.5 times what one can: here in tokens, as there is no price.
    @Test
    void aRetryMayHaveWhatIsLeft() throws Exception {
        first.script(
                "held",
                Script.inTurn(
                        script(Steps.text("a "), Steps.text("b "), Steps.text("banana "), Steps.hang()),
                        whole("An apple.")));
        try (EventClient client = EventClient.post(at, body("held", ",\"max_tokens\":40"))) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo("An apple.");
        }
        int left =
                JSON.readTree(first.exchanges().get(1).body()).get("max_tokens").asInt();
        assertThat(left).isBetween(10, 39);
        Object[] many = words("word ".repeat(200));
        List<Object> steps = new ArrayList<>(Arrays.asList(many));
        steps.addAll(List.of(Steps.text("banana "), Steps.hang()));
        first.script("held", script(steps.toArray()));
        String wide = body(
                "m",
                ",\"max_tokens\":40,\"freshet\":{\"guard\":{\"add\":[{\"contains\":[\"banana\"]}],\"hold\":{\"tokens\":5000},\"then\":{\"retry\":{\"append\":\"x\"}}}}");
        first.script("m", script(steps.toArray()));
        try (EventClient client = EventClient.post(at, wide)) {
            assertThat(client.status()).as("nothing is left for a retry").isEqualTo(422);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            none, of these                      |                                             | 400 | invalid_request | Freshet-Guard
            live,                               |                                             | 400 | invalid_request | Freshet-Guard
            live                                | {"guard":{"add":[]}}                        | 400 | invalid_request | freshet
            live                                | {"guard":{"add":[{"contains":"a"}],"off":["live"]}} | 400 | invalid_request | freshet
            live                                | {"guard":{"add":[{"json":{"schema":"/etc/passwd"}}]}} | 400 | invalid_request | freshet
            live                                | {"guard":{"add":[{"matches":"(a{99}){99}"}]}} | 400 | invalid_request | freshet
            live                                | {"guard":{"add":[{"contains":"a"}],"then":{"retry":{"model":"secret"}}}} | 403 | forbidden | freshet.guard.then.retry.model
            live                                | "off"                                       | 400 | invalid_request | freshet
            """)
    void whatARequestMustNotIsRefusedBeforeAnythingIsSpent(
            String names, String own, int status, String code, String param) throws IOException {
        String more = own == null ? "" : ",\"freshet\":" + own;
        String[] headers = {"Authorization: Bearer limited", "Freshet-Guard: " + names, "Freshet-Ids: 1"};
        try (EventClient client = EventClient.post(at, body("live", more), headers)) {
            assertThat(client.status()).isEqualTo(status);
            JsonNode error = JSON.readTree(client.body()).get("error");
            assertThat(error.get("code").asString()).isEqualTo(code);
            assertThat(error.get("param").asString()).isEqualTo(param);
        }
        assertThat(first.exchanges()).isEmpty();
    }

    @Test
    void theSameKeyWithOtherGuardsIsAnotherRequest() throws Exception {
        first.script("m", whole("An apple."));
        try (EventClient client = ask("m", "Idempotency-Key: k", "Freshet-Guard: live")) {
            client.rest();
        }
        try (EventClient client = ask("m", "Idempotency-Key: k", "Freshet-Guard: live")) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo("An apple.");
        }
        try (EventClient client = ask("m", "Idempotency-Key: k")) {
            assertThat(client.status()).isEqualTo(422);
        }
        assertThat(first.exchanges()).hasSize(1);
    }

    /// Halves of characters, which JSON's escapes allow, go through unharmed, and harm nothing.
    @Test
    void halvesOfCharactersDoNoHarm() throws Exception {
        String half =
                "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\ud83d\"},\"finish_reason\":null}]}";
        String own =
                ",\"freshet\":{\"guard\":{\"add\":[{\"id\":\"a\",\"json\":{}},{\"id\":\"b\",\"matches\":\"[^a-z ]\"}]}}";
        first.script("m", script(Steps.event(half), Steps.event(half), Steps.hang()));
        try (EventClient client = EventClient.post(at, body("m", own), "Freshet-Ids: 1")) {
            List<Event> events = client.rest();
            assertThat(events.getLast().type()).isEqualTo("end");
            assertThat(JSON.readTree(events.getLast().data()).at("/guard/0/why").asString())
                    .isEqualTo("expected a JSON value, found `?`");
        }
    }

    /// A limit on tokens is the provider's to keep, and fails the answer where nothing was shown.
    @Test
    void aPurseThatIsEmptyDuringAHoldIsNoRetry() throws Exception {
        String own =
                ",\"freshet\":{\"guard\":{\"add\":[{\"spend\":{\"tokens\":5}}],\"hold\":{\"tokens\":50},\"then\":{\"retry\":{\"append\":\"x\"}}}}";
        first.script(
                "m",
                script(Steps.text("One two three four five"), Steps.finish("length"), Steps.done(), Steps.lastChunk()));
        try (EventClient client = EventClient.post(at, body("m", own))) {
            assertThat(client.status()).isEqualTo(422);
        }
        assertThat(first.exchanges()).hasSize(1);
    }

    /// The provider is left at the verdict: from the byte that broke the rule to the closed connection.
    @Test
    void theProviderIsLeftAtTheVerdict() throws Exception {
        int rounds = 500;
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            String gate = "gate" + i;
            first.script("live", script(Steps.text("One "), Steps.gate(gate), Steps.text("banana"), Steps.hang()));
            try (EventClient client = ask("live")) {
                data(client);
                data(client);
                Exchange exchange = first.awaitExchange(i, LIMIT);
                long began = System.nanoTime();
                first.open(gate);
                exchange.await(Exchange.State.CANCELLED, LIMIT);
                micros.add((exchange.endedNanos() - began) / 1_000);
                assertThat(finish(client.rest())).isEqualTo("content_filter");
            }
        }
        micros.sort(Long::compare);
        long p99 = micros.get(rounds * 99 / 100);
        System.out.println(rounds + " verdicts: the provider was left after " + micros.get(rounds / 2)
                + " us (median), " + p99 + " us (p99), " + micros.getLast() + " us (most)");
        assertThat(p99).isLessThan(50_000);
    }
}
