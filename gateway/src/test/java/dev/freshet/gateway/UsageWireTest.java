package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What an answer takes is always asked for, and shown to who asked for it.
class UsageWireTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String ASKED = ",\"stream_options\":{\"include_usage\":true}";

    private static Simulator simulator;
    private static Gateway gateway;
    private int before;

    @BeforeAll
    static void start() throws IOException {
        simulator = Simulator.builder().recording(true).start();
        gateway = Gateways.withOwners("""
                listen: {port: 0}
                providers:
                  up: {base_url: "%s", prefill: {field: prefix}}
                  never: {base_url: "%s", usage: never}
                models:
                  never: {targets: [{provider: never, model: tokens-2}]}
                  fixed: {targets: [{provider: up, model: tokens-2, set: {stream_options: {include_usage: false}}}]}
                  goes-on: {targets: [{provider: up, model: breaks}], continue: prefill}
                  "*": {targets: [{provider: up}]}
                """.formatted(simulator.baseUri(), simulator.baseUri()));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        simulator.close();
    }

    @BeforeEach
    void count() {
        before = simulator.exchanges().size();
    }

    private static String body(String model, String more) {
        return "{\"model\":\"" + model
                + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"12345678\"}]" + more + "}";
    }

    private static List<Event> ask(String model, String more, String... headers) throws IOException {
        try (EventClient client = EventClient.post(gateway.address(), body(model, more), headers)) {
            assertThat(client.status()).isEqualTo(200);
            return client.rest();
        }
    }

    private JsonNode asked() throws IOException {
        return JSON.readTree(simulator.exchanges().get(before).body()).path("stream_options");
    }

    @Test
    void whoDidNotAskIsNotShownItButTheStateHasIt() throws IOException {
        List<Event> events = ask("tokens-2", "", "Freshet-Ids: 1");
        assertThat(asked().get("include_usage").asBoolean()).isTrue();
        Event end = events.removeLast();
        assertThat(events).noneMatch(event -> event.data().contains("\"usage\":{"));
        assertThat(events.stream().map(Event::number)).as("it keeps its number").containsExactly(1L, 2L, 3L, 4L, 6L);
        JsonNode usage = JSON.readTree(end.data()).get("usage");
        assertThat(usage.get("prompt_tokens").asInt()).isEqualTo(2);
        assertThat(usage.get("completion_tokens").asInt()).isEqualTo(2);
        assertThat(usage.get("source").asString()).isEqualTo("reported");
        assertThat(end.number()).isEqualTo(7);
    }

    @Test
    void plainReadersAreNotShownItEither() throws IOException {
        List<Event> events = ask("tokens-2", "");
        assertThat(events).hasSize(5).noneMatch(event -> event.data().contains("\"usage\":{"));
        assertThat(events.getLast().data()).isEqualTo("[DONE]");
    }

    @Test
    void whoAskedGetsItAsItCame() throws IOException {
        List<Event> events = ask("tokens-2", ASKED, "Freshet-Ids: 1");
        assertThat(events.stream().map(Event::number)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
        assertThat(JSON.readTree(events.get(4).data()).at("/usage/total_tokens").asInt())
                .isEqualTo(4);
        assertThat(simulator.exchanges().get(before).body()).as("untouched").isEqualTo(body("tokens-2", ASKED));
    }

    /// The client's options, and what becomes of them.
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"include_usage":false}                | {"include_usage":true}
            {"x":[1,{"y":null}],"z":"a"}           | {"x":[1,{"y":null}],"z":"a","include_usage":true}
            {"include_usage":null,"x":1}           | {"x":1,"include_usage":true}
            {}                                     | {"include_usage":true}
            null                                   | {"include_usage":true}
            7                                      | 7
            """)
    void otherOptionsAreKept(String own, String sent) throws IOException {
        ask("tokens-2", ",\"stream_options\":" + own);
        assertThat(asked()).isEqualTo(JSON.readTree(sent));
    }

    @Test
    void aProviderThatIsNeverAskedIsNotAndItsAnswerIsCounted() throws IOException {
        List<Event> events = ask("never", "", "Freshet-Ids: 1");
        assertThat(asked().isMissingNode()).isTrue();
        JsonNode usage = JSON.readTree(events.getLast().data()).get("usage");
        assertThat(usage.get("source").asString()).isEqualTo("estimated");
        assertThat(usage.get("completion_tokens").asInt()).isPositive();
    }

    @Test
    void aWholeAnswerWithoutUsageIsCountedToo() throws IOException {
        simulator.script(
                "whole",
                Script.of(Steps.json(
                        200,
                        "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                                + "\"content\":\"The river rises in spring.\"},\"finish_reason\":\"stop\"}]}")));
        String id;
        try (EventClient client = EventClient.post(
                gateway.address(), "{\"model\":\"whole\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}")) {
            id = client.stream();
            assertThat(client.body()).contains("The river");
        }
        try (EventClient state = EventClient.get(gateway.address(), "/v1/streams/" + id)) {
            JsonNode usage = JSON.readTree(state.body()).get("usage");
            assertThat(usage.get("source").asString()).isEqualTo("estimated");
            assertThat(usage.get("completion_tokens").asInt()).isEqualTo(6);
        }
    }

    @Test
    void whatTheConfigurationSetsIsNotChanged() throws IOException {
        ask("fixed", "");
        assertThat(asked().get("include_usage").asBoolean()).isFalse();
    }

    @Test
    void aRequestForAWholeAnswerIsNotTouched() throws IOException {
        String whole = "{\"model\":\"tokens-2\",\"messages\":[]}";
        try (EventClient client = EventClient.post(gateway.address(), whole)) {
            assertThat(client.body()).contains("\"usage\":{");
        }
        assertThat(simulator.exchanges().get(before).body()).isEqualTo(whole);
    }

    /// Kimi puts it into the last choice, others beside the choices.
    @Test
    void whereItSitsInAChunkWithContentTheFieldIsTakenOut() throws IOException {
        String usage = "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4,\"total_tokens\":7}";
        String beside = "{\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]," + usage + "}";
        String inside =
                "{\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"," + usage + "}]}";
        simulator.script(
                "mixed",
                Script.of(Steps.head(), Steps.event(beside), Steps.event(inside), Steps.done(), Steps.lastChunk()));
        List<Event> events = ask("mixed", "", "Freshet-Ids: 1");
        assertThat(events.get(0).data())
                .isEqualTo("{\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}");
        assertThat(events.get(1).data())
                .isEqualTo("{\"id\":\"a\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}");
        assertThat(JSON.readTree(events.getLast().data())
                        .at("/usage/total_tokens")
                        .asInt())
                .isEqualTo(7);
        assertThat(ask("mixed", ASKED).get(0).data()).isEqualTo(beside);
    }

    /// An answer that was gone on with: the sum, hidden or shown.
    @Test
    void theSumOfAContinuationIsHiddenToo() throws IOException {
        Script broken = Script.of(Steps.head(), Steps.role(), Steps.text("1 "), Steps.close());
        for (String more : List.of("", ASKED)) {
            simulator.script("breaks", Script.inTurn(broken, simulator.model("tokens-2")));
            List<Event> events = ask("goes-on", more, "Freshet-Ids: 1");
            boolean shown = events.stream()
                    .anyMatch(event ->
                            event.type().equals("message") && event.data().contains("\"usage\":{"));
            assertThat(shown).isEqualTo(!more.isEmpty());
            assertThat(JSON.readTree(events.getLast().data())
                            .at("/usage/completion_tokens")
                            .asInt())
                    .isPositive();
        }
    }
}
