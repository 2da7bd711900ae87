package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.ChatCall;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `continue: prefill`: an answer that broke in the middle is gone on with, and no delivered byte is
/// repeated or lost.
class PrefillWireTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String TEXT = "The quick brown fox jumps over the lazy dog. ";

    private static Config config;
    private static Simulator first;
    private static Simulator second;

    @BeforeAll
    static void start() throws IOException {
        first = Simulator.builder().recording(true).start();
        second = Simulator.builder().recording(true).start();
        String yaml = """
                listen: {port: 0}
                providers:
                  broken: {base_url: "FIRST"}
                  able: {base_url: "SECOND", prefill: {field: prefix}}
                  beside: {base_url: "SECOND", prefill: {field: continue_final_message}}
                  beta: {base_url: "http://127.0.0.1:9/v1", prefill: {field: prefix, base_url: "SECOND"}}
                models:
                  m: {targets: [{provider: broken, model: m}, {provider: able, model: m}], continue: prefill}
                  vllm: {targets: [{provider: broken, model: m}, {provider: beside, model: m}], continue: prefill}
                  beta: {targets: [{provider: broken, model: m}, {provider: beta, model: m}], continue: prefill}
                  never: {targets: [{provider: broken, model: m}, {provider: able, model: m}]}
                """.replace("FIRST", first.baseUri().toString())
                .replace("SECOND", second.baseUri().toString());
        config = ConfigFile.parse(yaml, "freshet.yaml", new Environment(Map.of()));
    }

    @AfterAll
    static void stop() {
        first.close();
        second.close();
    }

    private static String body(String model, String more) {
        return "{\"model\":\"" + model + "\",\"stream\":true,\"stream_options\":{\"include_usage\":true}" + more
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"say it\"}]}";
    }

    private static String chunk(String id, String delta, String finish) {
        return "{\"id\":\"" + id + "\",\"object\":\"chat.completion.chunk\",\"created\":" + id.length()
                + ",\"model\":\"model-of-" + id + "\",\"choices\":[{\"index\":0,\"delta\":" + delta
                + ",\"finish_reason\":" + finish + "}]}";
    }

    private static Step text(String id, String text) {
        return Steps.event(chunk(id, "{\"content\":\"" + text.replace("\n", "\\n") + "\"}", "null"));
    }

    /// Says some pieces and breaks.
    private static Script breaksAfter(String... pieces) {
        List<Object> steps = new ArrayList<>(
                List.of(Steps.head(), Steps.event(chunk("one", "{\"role\":\"assistant\",\"content\":\"\"}", "null"))));
        for (String piece : pieces) steps.add(text("one", piece));
        steps.add(Steps.close());
        return Script.of(steps.toArray());
    }

    private static Script continuesWith(String... pieces) {
        List<Object> steps = new ArrayList<>(List.of(
                Steps.head(), Steps.event(chunk("another", "{\"role\":\"assistant\",\"content\":\"\"}", "null"))));
        for (String piece : pieces) steps.add(text("another", piece));
        steps.add(Steps.event(chunk("another", "{}", "\"stop\"")));
        steps.add(
                Steps.event(
                        "{\"id\":\"another\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"x\",\"choices\":[],"
                                + "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3,\"total_tokens\":15,\"details\":{\"a\":1}}}"));
        steps.addAll(List.of(Steps.done(), Steps.lastChunk()));
        return Script.of(steps.toArray());
    }

    private record Told(List<Event> events, JsonNode state) {
        String text() throws IOException {
            return StreamsWireTest.text(events);
        }

        List<JsonNode> chunks() {
            return events.stream()
                    .map(Event::data)
                    .filter(data -> data.contains("chat.completion.chunk"))
                    .map(data -> JSON.readTree(data))
                    .toList();
        }
    }

    private static Told ask(String model, String more) throws IOException {
        // A gateway of its own: a provider that breaks again and again would rest.
        try (Gateway gateway = Gateway.start(config, null);
                EventClient client = EventClient.post(gateway.address(), body(model, more), "Freshet-Ids: 1")) {
            List<Event> events = client.rest();
            for (int i = 0; i < events.size(); i++)
                assertThat(events.get(i).number()).isEqualTo(i + 1);
            try (EventClient again = EventClient.get(gateway.address(), "/v1/streams/" + client.stream() + "/events")) {
                assertThat(again.rest()).isEqualTo(events);
            }
            return new Told(events, JSON.readTree(events.getLast().data()));
        }
    }

    private static JsonNode lastRequest() {
        return JSON.readTree(second.exchanges().getLast().body());
    }

    @Test
    void aProviderThatContinuesGivesTheRest() throws IOException {
        first.script("m", breaksAfter("The quick ", "brown ", "fox "));
        second.script("m", continuesWith("jumps over ", "the lazy dog."));
        Told told = ask("m", "");
        assertThat(told.text()).isEqualTo("The quick brown fox jumps over the lazy dog.");
        assertThat(told.events().get(told.events().size() - 2).data()).isEqualTo("[DONE]");
        JsonNode last = lastRequest().get("messages").get(1);
        assertThat(last.toString())
                .isEqualTo("{\"role\":\"assistant\",\"content\":\"The quick brown fox\",\"prefix\":true}");
    }

    @Test
    void theSeamIsInTheStateAndUsageIsTheSum() throws IOException {
        first.script("m", breaksAfter("The quick ", "brown ", "fox "));
        second.script("m", continuesWith("jumps over ", "the lazy dog."));
        Told told = ask("m", "");
        JsonNode state = told.state();
        assertThat(state.get("state").asString()).isEqualTo("completed");
        assertThat(state.at("/attempts").size()).isEqualTo(2);
        assertThat(state.at("/attempts/0/provider").asString()).isEqualTo("broken");
        assertThat(state.at("/attempts/0/outcome").asString()).isEqualTo("upstream_truncated");
        assertThat(state.at("/attempts/0/from").asLong()).isEqualTo(1);
        assertThat(state.at("/attempts/1/provider").asString()).isEqualTo("able");
        assertThat(state.at("/attempts/1/outcome").asString()).isEqualTo("completed");
        assertThat(state.at("/attempts/1/from").asLong()).isEqualTo(5); // a role and three texts came before
        // The continuation was asked with 12 tokens, 5 of them the answer so far: so the first call had 7.
        assertThat(state.at("/attempts/0/usage").toString())
                .isEqualTo(
                        "{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12,\"source\":\"estimated\"}");
        assertThat(state.at("/usage").toString())
                .isEqualTo(
                        "{\"prompt_tokens\":19,\"completion_tokens\":8,\"total_tokens\":27,\"source\":\"estimated\"}");
        JsonNode usage = told.chunks().getLast().get("usage");
        assertThat(usage.toString())
                .isEqualTo("{\"prompt_tokens\":19,\"completion_tokens\":8,\"total_tokens\":27,\"details\":{\"a\":1}}");
    }

    @Test
    void theContinuationsChunksLookLikeTheFirstOnesAndHaveNoRole() throws IOException {
        first.script("m", breaksAfter("a "));
        second.script("m", continuesWith("b "));
        List<JsonNode> chunks = ask("m", "").chunks();
        assertThat(chunks).hasSizeGreaterThan(3).allSatisfy(chunk -> {
            assertThat(chunk.get("id").asString()).isEqualTo("one");
            assertThat(chunk.get("created").asInt()).isEqualTo(3);
            assertThat(chunk.get("model").asString()).isEqualTo("model-of-one");
        });
        assertThat(chunks.stream().filter(chunk -> chunk.at("/choices/0/delta").has("role")))
                .hasSize(1);
    }

    @Test
    void aPrefixThatTheProviderRepeatsIsCutHoweverItIsSplit() throws IOException {
        first.script("m", breaksAfter("The quick ", "brown fox "));
        String all = "The quick brown fox jumps over the lazy dog. ";
        for (int size : List.of(1, 2, 5, 7, 19, 20, 21, 100)) {
            List<String> pieces = new ArrayList<>();
            for (int from = 0; from < all.length(); from += size) {
                pieces.add(all.substring(from, Math.min(all.length(), from + size)));
            }
            second.script("m", continuesWith(pieces.toArray(String[]::new)));
            assertThat(ask("m", "").text()).as("pieces of " + size).isEqualTo(TEXT);
        }
    }

    @Test
    void textThatOnlyBeginsLikeThePrefixIsNotCut() throws IOException {
        first.script("m", breaksAfter("The end. "));
        second.script("m", continuesWith("The ", "enemy. "));
        assertThat(ask("m", "").text()).isEqualTo("The end. The enemy. ");
        second.script("m", continuesWith("The "));
        assertThat(ask("m", "").text()).isEqualTo("The end. The ");
    }

    @Test
    void whiteSpaceIsNeitherRepeatedNorLostAtTheSeam() throws IOException {
        first.script("m", breaksAfter("a", " \n\n"));
        second.script("m", continuesWith(" ", "\n\nb"));
        assertThat(ask("m", "").text()).isEqualTo("a \n\nb");
        second.script("m", continuesWith("b"));
        assertThat(ask("m", "").text()).isEqualTo("a \n\nb");
        second.script("m", continuesWith(" \n\n\nb"));
        assertThat(ask("m", "").text()).isEqualTo("a \n\n\nb");
        first.script("m", breaksAfter("a"));
        second.script("m", continuesWith(" b"));
        assertThat(ask("m", "").text()).isEqualTo("a b");
    }

    @Test
    void whenTheProviderRefusesTheClientIsToldWhatBroke() throws IOException {
        first.script("m", breaksAfter("a "));
        second.script("m", Script.of(Steps.json(400, "{\"error\":{\"message\":\"prefill is not supported\"}}")));
        int before = second.exchanges().size();
        Told told = ask("m", "");
        assertThat(told.text()).isEqualTo("a ");
        assertThat(told.state().at("/error/code").asString()).isEqualTo("upstream_truncated");
        assertThat(told.events()).noneMatch(event -> event.data().equals("[DONE]"));
        assertThat(second.exchanges().size() - before).isBetween(1, 3);
    }

    @Test
    void aContinuationThatBreaksIsGoneOnWithToo() throws IOException {
        first.script("m", breaksAfter("a "));
        second.script(
                "m",
                Script.inTurn(
                        Script.of(Steps.head(), text("another", "b "), Steps.close()),
                        Script.of(Steps.json(500, "{}")),
                        continuesWith("c")));
        Told told = ask("m", "");
        assertThat(told.text()).isEqualTo("a b c");
        assertThat(told.state().at("/attempts").size()).isEqualTo(4);
        assertThat(lastRequest().at("/messages/1/content").asString()).isEqualTo("a b");
    }

    @Test
    void theLimitOnTokensIsReducedByWhatCame() throws IOException {
        first.script("m", breaksAfter("a ", "b "));
        second.script("m", continuesWith("c"));
        ask("m", ",\"max_tokens\":50");
        assertThat(lastRequest().get("max_tokens").asInt()).isEqualTo(48);
    }

    @Test
    void vllmAndLlamaCppAreAskedInTheirWay() throws IOException {
        first.script("m", breaksAfter("a "));
        second.script("m", continuesWith("b"));
        assertThat(ask("vllm", "").text()).isEqualTo("a b");
        JsonNode request = lastRequest();
        assertThat(request.get("continue_final_message").asBoolean()).isTrue();
        assertThat(request.get("add_generation_prompt").asBoolean()).isFalse();
        assertThat(request.at("/messages/1").toString()).isEqualTo("{\"role\":\"assistant\",\"content\":\"a\"}");
    }

    @Test
    void anotherAddressForSuchRequestsIsUsed() throws IOException {
        first.script("m", breaksAfter("a "));
        second.script("m", continuesWith("b"));
        assertThat(ask("beta", "").text()).isEqualTo("a b");
    }

    @Test
    void whatCannotBeGoneOnWithEndsWithTheError(TestInfo info) throws IOException {
        second.script("m", continuesWith("b"));
        first.script("m", breaksAfter("a "));
        int before = second.exchanges().size();
        for (String more : List.of(
                ",\"tools\":[{\"type\":\"function\"}]",
                ",\"response_format\":{\"type\":\"json_object\"}",
                ",\"logprobs\":true",
                ",\"n\":2",
                ",\"max_tokens\":1")) {
            assertThat(ask("m", more).state().at("/error/code").asString())
                    .as(info.getDisplayName() + more)
                    .isEqualTo("upstream_truncated");
        }
        assertThat(ask("never", "").state().at("/error/code").asString()).isEqualTo("upstream_truncated");
        first.script(
                "m",
                Script.of(
                        Steps.head(),
                        Steps.event(chunk("one", "{\"reasoning_content\":\"hm\"}", "null")),
                        Steps.close()));
        assertThat(ask("m", "").state().at("/error/code").asString()).isEqualTo("upstream_truncated");
        first.script(
                "m",
                Script.of(
                        Steps.head(),
                        text("one", "a"),
                        Steps.event(chunk("one", "{\"tool_calls\":[{\"index\":0}]}", "null")),
                        Steps.close()));
        assertThat(ask("m", "").state().at("/error/code").asString()).isEqualTo("upstream_truncated");
        assertThat(second.exchanges()).hasSize(before);
        for (String neutral : List.of(
                ",\"tools\":[]", ",\"n\":1", ",\"logprobs\":false", ",\"response_format\":{\"type\":\"text\"}")) {
            first.script("m", breaksAfter("a "));
            assertThat(ask("m", neutral).state().get("state").asString()).isEqualTo("completed");
        }
    }

    /// The simulated models continue by themselves, however long what they have said is.
    @Test
    void numberedTokensGoOnFromAnyPlace() throws IOException {
        for (int came : List.of(1, 9, 10, 57)) {
            List<String> pieces = new ArrayList<>();
            for (int i = 1; i <= came; i++) pieces.add(i + " ");
            first.script("m", breaksAfter(pieces.toArray(String[]::new)));
            second.script("m", (ChatCall call) -> second.model("tokens-60").play(call));
            StringBuilder expected = new StringBuilder();
            for (int i = 1; i <= 60; i++) expected.append(i).append(' ');
            assertThat(ask("m", "").text()).isEqualTo(expected.toString());
        }
    }
}
