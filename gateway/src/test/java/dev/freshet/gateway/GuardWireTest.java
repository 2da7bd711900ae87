package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
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
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Guards over the wire: what clients, providers and the ledger see when one stops an answer. The guards
/// are the examples of the documentation, as they stand there, and some more.
class GuardWireTest {
    static final Path EXAMPLES = Path.of("../docs/examples");
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static final String GERMAN =
            "Der Zug nach Hamburg fährt um neun Uhr von Gleis vier ab. Bitte planen Sie für den"
                    + " Umstieg in Hannover zehn Minuten ein, weil der Weg zum anderen Bahnsteig nicht ganz kurz ist und es"
                    + " dort oft voll wird. Die Fahrkarte gilt auch für den späteren Zug, wenn Sie den ersten verpassen.";
    private static final String ENGLISH = "The train to Hamburg leaves at nine from platform four. You should plan ten"
            + " minutes for the change in Hanover, because the way to the other platform is not very short and it is"
            + " often crowded there. The ticket is also valid for the later train if you miss the first one.";

    private static final String MORE = """
              no-promises:
                stop_when: [{id: promise, contains: ["guaranteed returns", "risk-free"]}]
              no-promises-retried:
                hold: {tokens: 20}
                stop_when: [{id: promise, contains: ["guaranteed returns"]}]
                then: {retry: {append: "Promise nothing.", model: better}, otherwise: truncate}
              short:
                stop_when: [{id: purse, spend: {tokens: 10}}]
              exact:
                stop_when: [{id: marker, contains: ["###"]}]
                then: {otherwise: truncate}
              watched:
                stop_when: [{id: promise, contains: ["guaranteed returns"]}]
                then: {otherwise: pass, after_release: pass}
              strict:
                stop_when: [{id: promise, contains: ["guaranteed returns"]}]
                then: {after_release: fail}
              quick:
                stop_when: [{id: slow, spend: {stall: 300ms}}]
            """;

    private final Simulator simulator;
    private final Gateway gateway;
    private final InetSocketAddress at;
    private final Path data;

    GuardWireTest(@TempDir Path data) throws IOException {
        this.data = data;
        simulator = Simulator.builder().recording(true).start();
        Path prices = Files.writeString(
                data.resolve("prices.yaml"),
                "prices: [{model: priced, from: 2026-01-01, input: 0usd, output: 1000usd, max_output: 100000, source: x}]");
        String examples = Files.readString(EXAMPLES.resolve("guards.yaml"));
        String guards = examples.replace("guard_limits:", MORE + "guard_limits:");
        gateway = Gateways.withOwners("""
                listen: {port: 0}
                data: "%s"
                providers: {up: {base_url: "%s"}}
                models:
                  support: {targets: [{provider: up}], guards: [support-de]}
                  invoice: {targets: [{provider: up}], guards: [invoice]}
                  coder: {targets: [{provider: up}], guards: [coder]}
                  priced: {targets: [{provider: up}], guards: [coder]}
                  "*": {targets: [{provider: up}]}
                streams: {heartbeat: 10s}
                prices: "%s"
                """.formatted(data, simulator.baseUri(), prices) + guards, EXAMPLES);
        at = gateway.address();
    }

    @AfterEach
    void stop() {
        gateway.close();
        simulator.close();
    }

    /// An answer in pieces of a few characters.
    static Script says(String text) {
        return says(text, 4, "stop");
    }

    private static Script says(String text, int size, String reason) {
        List<Object> steps = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        for (int i = 0; i < text.length(); i += size)
            steps.add(Steps.text(text.substring(i, Math.min(text.length(), i + size))));
        steps.addAll(List.of(Steps.finish(reason), Steps.done(), Steps.lastChunk()));
        return Script.of(steps.toArray());
    }

    /// The same, which never ends by itself.
    private static Script saysAndHangs(String text) {
        List<Object> steps = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        for (int i = 0; i < text.length(); i += 4)
            steps.add(Steps.text(text.substring(i, Math.min(text.length(), i + 4))));
        steps.add(Steps.hang());
        return Script.of(steps.toArray());
    }

    private static String body(String model, String more) {
        return "{\"model\":\"" + model + "\",\"stream\":true" + more
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Wann fährt der Zug?\"}]}";
    }

    private EventClient ask(String model, String more, String... headers) throws IOException {
        return EventClient.post(at, body(model, more), headers);
    }

    private static final String WITH_USAGE = ",\"stream_options\":{\"include_usage\":true}";

    private static List<JsonNode> chunks(List<Event> events) {
        return events.stream()
                .map(Event::data)
                .filter(data -> data.startsWith("{"))
                .map(JSON::readTree)
                .toList();
    }

    private static String finishReason(List<Event> events) {
        return chunks(events).stream()
                .map(chunk -> chunk.at("/choices/0/finish_reason").asString(""))
                .filter(reason -> !reason.isEmpty())
                .findFirst()
                .orElse("none");
    }

    private JsonNode state(String id) throws IOException {
        try (EventClient client = EventClient.get(at, "/v1/streams/" + id)) {
            return JSON.readTree(client.body());
        }
    }

    private List<Exchange> asked() {
        return simulator.exchanges();
    }

    /// The guide's own case.
    @Test
    void anAnswerInTheWrongLanguageIsStoppedAndAskedForAgainAndNobodySeesIt() throws Exception {
        simulator.script("support", Script.inTurn(saysAndHangs(ENGLISH), says(GERMAN)));
        try (EventClient client = ask("support", WITH_USAGE)) {
            assertThat(client.status()).isEqualTo(200);
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events)).isEqualTo(GERMAN);
            assertThat(finishReason(events)).isEqualTo("stop");
            assertThat(events.getLast().data()).isEqualTo("[DONE]");
            JsonNode usage = chunks(events).getLast();
            assertThat(usage.at("/freshet/guard/0/rule").asString()).isEqualTo("language");
            assertThat(usage.at("/freshet/guard/0/action").asString()).isEqualTo("retried");
            assertThat(usage.at("/freshet/guard/0/at").asInt()).isEqualTo(80);
            assertThat(usage.at("/usage/completion_tokens").asInt()).isGreaterThan(60);
            JsonNode state = state(client.stream());
            assertThat(state.get("state").asString()).isEqualTo("completed");
            assertThat(state.at("/attempts/0/outcome").asString()).isEqualTo("guard_stopped");
            assertThat(state.at("/attempts/1/outcome").asString()).isEqualTo("completed");
            assertThat(state.at("/guard/0")).isEqualTo(usage.at("/freshet/guard/0"));
            assertThat(state.get("usage")).isEqualTo(usage.get("usage"));
        }
        assertThat(asked()).hasSize(2);
        asked().getFirst().await(Exchange.State.CANCELLED, LIMIT);
        JsonNode first = JSON.readTree(asked().get(0).body());
        JsonNode second = JSON.readTree(asked().get(1).body());
        assertThat(second.get("messages")).hasSize(2);
        assertThat(second.at("/messages/0")).isEqualTo(first.at("/messages/0"));
        assertThat(second.at("/messages/1/content").asString()).isEqualTo("Bitte auf Deutsch und konkret antworten.");
        Eventually.is(() -> !LedgerRows.all(data).isEmpty());
        LedgerRows.Row row = LedgerRows.all(data).getFirst();
        assertThat(row.attempts()).isEqualTo(2);
        assertThat(row.outcome()).isEqualTo("completed");
        assertThat(row.source()).isEqualTo("estimated");
        assertThat(row.completion()).isGreaterThan(60);
        JsonNode detail = JSON.readTree(Objects.requireNonNull(row.detail()));
        assertThat(detail.at("/attempts/0/outcome").asString()).isEqualTo("guard_stopped");
        assertThat(detail.at("/attempts/0/usage/completion_tokens").asInt()).isGreaterThan(10);
        assertThat(detail.at("/attempts/1/outcome").asString()).isEqualTo("completed");
        assertThat(detail.at("/guard/0/rule").asString()).isEqualTo("language");
    }

    @Test
    void aGoodAnswerIsShownAsItIsAndCostsNothingMore() throws IOException {
        simulator.script("support", says(GERMAN));
        try (EventClient client = ask("support", "")) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events)).isEqualTo(GERMAN);
            assertThat(state(client.stream()).get("guard")).isEmpty();
        }
        assertThat(asked()).hasSize(1);
    }

    @Test
    void aRefusalIsAskedForAgain() throws IOException {
        simulator.script(
                "support",
                Script.inTurn(saysAndHangs("Hallo! Es tut mir leid, aber dabei kann ich nicht helfen."), says(GERMAN)));
        try (EventClient client = ask("support", "")) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo(GERMAN);
            assertThat(state(client.stream()).at("/guard/0/rule").asString()).isEqualTo("refusal");
        }
    }

    @Test
    void whereNoRetryIsLeftTheClientGetsAnError() throws IOException {
        simulator.script("support", saysAndHangs(ENGLISH));
        try (EventClient client = ask("support", "")) {
            assertThat(client.status()).isEqualTo(422);
            JsonNode error = JSON.readTree(client.body()).get("error");
            assertThat(error.get("code").asString()).isEqualTo("guard_stopped");
            assertThat(error.get("message").asString())
                    .contains("support-de.language")
                    .contains("but in en");
        }
        assertThat(asked()).hasSize(2);
        try (EventClient client = ask("support", "", "Freshet-Ids: 1")) {
            List<Event> events = client.rest();
            assertThat(events.getFirst().data())
                    .contains("\"code\":\"guard_stopped\"")
                    .contains("\"status\":422");
            assertThat(events.getLast().type()).isEqualTo("end");
            JsonNode end = JSON.readTree(events.getLast().data());
            assertThat(end.get("guard")).hasSize(2);
            assertThat(end.at("/guard/1/action").asString()).isEqualTo("failed");
            assertThat(events.getFirst().number()).isEqualTo(1);
        }
    }

    private static final String INVOICE =
            "{\"number\": \"2026-17\", \"currency\": \"EUR\", \"items\": [{\"name\": \"Paper\", \"cents\": 499}]}";

    @Test
    void anAnswerThatIsNoInvoiceIsAskedForAgainWithWhatIsWrongWithIt() throws IOException {
        simulator.script("invoice", Script.inTurn(saysAndHangs("Sure! Here it is: " + INVOICE), says(INVOICE)));
        try (EventClient client = ask("invoice", "")) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo(INVOICE);
        }
        JsonNode second = JSON.readTree(asked().get(1).body());
        assertThat(second.at("/response_format/type").asString()).isEqualTo("json_object");
        assertThat(second.at("/messages/1/content").asString())
                .isEqualTo("Only JSON. $: expected a JSON value, found `S`");
    }

    @Test
    void anInvoiceThatGoesWrongLaterEndsBeforeThat() throws IOException {
        simulator.script("invoice", saysAndHangs(INVOICE.replace("EUR", "CHF")));
        try (EventClient client = ask("invoice", WITH_USAGE)) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events)).isEqualTo("{\"number\": \"2026-17\", \"currency\": \"");
            assertThat(finishReason(events)).isEqualTo("content_filter");
            JsonNode note = chunks(events).getLast().at("/freshet/guard/0");
            assertThat(note.get("path").asString()).isEqualTo("$.currency");
            assertThat(note.get("why").asString()).isEqualTo("expected one of [\"EUR\", \"USD\", \"GBP\"]");
        }
        simulator.script("invoice", says(INVOICE.replace("2026-17", "17")));
        try (EventClient client = ask("invoice", "")) {
            List<Event> events = client.rest();
            assertThat(finishReason(events)).isEqualTo("content_filter");
            assertThat(state(client.stream()).at("/guard/0/path").asString()).isEqualTo("$.number");
        }
        String whole = body("invoice", "").replace("\"stream\":true", "\"stream\":false");
        simulator.script("invoice", Script.inTurn(says(INVOICE.replace("2026-17", "17")), says(INVOICE)));
        try (EventClient client = EventClient.post(at, whole)) {
            assertThat(JSON.readTree(client.body())
                            .at("/choices/0/message/content")
                            .asString())
                    .isEqualTo(INVOICE);
        }
    }

    @Test
    void aLoopIsCutOff() throws Exception {
        String loop = "for each of the items we look at the next item; ".repeat(20);
        simulator.script("coder", saysAndHangs("The answer is this: " + loop));
        try (EventClient client = ask("coder", "")) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events)).startsWith("The answer is").hasSizeLessThan(400);
            assertThat(finishReason(events)).isEqualTo("content_filter");
            assertThat(events.getLast().data()).isEqualTo("[DONE]");
            JsonNode state = state(client.stream());
            assertThat(state.get("state").asString()).isEqualTo("completed");
            assertThat(state.at("/guard/0/rule").asString()).isEqualTo("loop");
            assertThat(state.at("/guard/0/action").asString()).isEqualTo("truncated");
        }
        asked().getFirst().await(Exchange.State.CANCELLED, LIMIT);
        assertThat(JSON.readTree(asked().getFirst().body()).get("max_tokens").asInt())
                .isEqualTo(6000);
    }

    /// Who gets an answer whole has seen nothing of it.
    @Test
    void aLoopInAWholeAnswerIsAskedForAgainWithLessTemperature() throws IOException {
        simulator.script("coder", Script.inTurn(saysAndHangs("and on and on ".repeat(20)), says("int x = 1;")));
        String whole = body("coder", ",\"temperature\":1").replace("\"stream\":true", "\"stream\":false");
        try (EventClient client = EventClient.post(at, whole)) {
            JsonNode answer = JSON.readTree(client.body());
            assertThat(answer.at("/choices/0/message/content").asString()).isEqualTo("int x = 1;");
        }
        assertThat(JSON.readTree(asked().get(1).body()).get("temperature").asDouble())
                .isEqualTo(0.2);
    }

    /// Two cents buy twenty tokens at that price.
    @Test
    void aPurseOfMoneyEndsAnAnswer() throws IOException {
        simulator.script("priced", saysAndHangs(ENGLISH.substring(0, 130)));
        try (EventClient client = ask("priced", "")) {
            List<Event> events = client.rest();
            assertThat(finishReason(events)).isEqualTo("length");
            assertThat(StreamsWireTest.text(events))
                    .startsWith("The train to Hamburg")
                    .hasSizeBetween(60, 130);
            JsonNode state = state(client.stream());
            assertThat(state.at("/guard/0/rule").asString()).isEqualTo("purse");
            assertThat(state.at("/cost/nano_usd").asLong()).isBetween(15_000_000L, 30_000_000L);
        }
    }

    @Test
    void aPhraseIsNeverSeenThoughItIsSpreadOverPieces() throws Exception {
        simulator.script(
                "live", saysAndHangs("Our fund has guaranteed interest, and Guaranteed Returns of ten per cent."));
        try (EventClient client = ask("live", WITH_USAGE, "Freshet-Guard: no-promises")) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events)).isEqualTo("Our fund has guaranteed interest, and ");
            assertThat(finishReason(events)).isEqualTo("content_filter");
            JsonNode note = chunks(events).getLast().at("/freshet/guard/0");
            assertThat(note.get("match").asString()).isEqualTo("Guaranteed Returns");
            assertThat(note.get("at").asInt()).isEqualTo("Our fund has guaranteed interest, and ".length());
            assertThat(note.get("action").asString()).isEqualTo("truncated");
        }
        asked().getFirst().await(Exchange.State.CANCELLED, LIMIT);
    }

    @Test
    void anotherModelMayBeAskedInstead() throws IOException {
        simulator.script("first", saysAndHangs("We have guaranteed returns for all."));
        simulator.script("better", says("Nobody can promise that."));
        try (EventClient client = ask("first", "", "Freshet-Guard: no-promises-retried")) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo("Nobody can promise that.");
            JsonNode state = state(client.stream());
            assertThat(state.at("/attempts/0/model").asString()).isEqualTo("first");
            assertThat(state.at("/attempts/1/model").asString()).isEqualTo("better");
        }
        simulator.script("better", saysAndHangs("Well, we have guaranteed returns for all."));
        try (EventClient client = ask("first", "", "Freshet-Guard: no-promises-retried")) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events)).isEqualTo("Well, we have ");
            assertThat(finishReason(events)).isEqualTo("content_filter");
        }
    }

    @Test
    void whatMayPassIsReportedOnly() throws IOException {
        String text = "There are guaranteed returns here, and guaranteed returns there.";
        simulator.script("live", says(text));
        try (EventClient client = ask("live", "", "Freshet-Guard: watched")) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events)).isEqualTo(text);
            assertThat(finishReason(events)).isEqualTo("stop");
            JsonNode state = state(client.stream());
            assertThat(state.get("guard")).hasSize(1);
            assertThat(state.at("/guard/0/action").asString()).isEqualTo("passed");
        }
    }

    @Test
    void afterReleaseAnAnswerMayFail() throws IOException {
        simulator.script("live", saysAndHangs("There are guaranteed returns here."));
        try (EventClient client = ask("live", "", "Freshet-Guard: strict")) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events.subList(0, events.size() - 1)))
                    .isEqualTo("There are ".substring(0, 8));
            assertThat(events.getLast().data()).contains("\"code\":\"guard_stopped\"");
        }
    }

    @Test
    void aPurseEndsAnAnswerAsALimitDoes() throws Exception {
        simulator.script("live", saysAndHangs(ENGLISH));
        try (EventClient client = ask("live", "", "Freshet-Guard: short")) {
            List<Event> events = client.rest();
            assertThat(finishReason(events)).isEqualTo("length");
            assertThat(StreamsWireTest.text(events))
                    .startsWith("The train to Hamburg leaves at nine")
                    .hasSizeLessThan(70);
            assertThat(state(client.stream()).at("/guard/0/rule").asString()).isEqualTo("purse");
        }
        assertThat(JSON.readTree(asked().getFirst().body()).get("max_tokens").asInt())
                .isEqualTo(10);
        simulator.script("live", says("The train to Hamburg leaves at", 4, "length"));
        try (EventClient client = ask("live", "", "Freshet-Guard: short")) {
            List<Event> events = client.rest();
            assertThat(finishReason(events)).isEqualTo("length");
            assertThat(state(client.stream()).at("/guard/0/action").asString()).isEqualTo("truncated");
        }
    }

    @Test
    void whatOnlyTruncatesIsToldToTheProvider() throws IOException {
        simulator.script("live", says("All is well."));
        try (EventClient client = ask("live", ",\"stop\":\"END\"", "Freshet-Guard: exact")) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo("All is well.");
        }
        JsonNode stop = JSON.readTree(asked().getFirst().body()).get("stop");
        assertThat(stop).hasSize(2);
        assertThat(stop.get(0).asString()).isEqualTo("END");
        assertThat(stop.get(1).asString()).isEqualTo("###");
    }

    @Test
    void silenceMayBeARuleToo() throws IOException {
        simulator.script("live", saysAndHangs("It begins"));
        try (EventClient client = ask("live", "", "Freshet-Guard: quick")) {
            List<Event> events = client.rest();
            assertThat(StreamsWireTest.text(events)).isEqualTo("It begins");
            assertThat(finishReason(events)).isEqualTo("length");
        }
    }

    @Test
    void aWholeAnswerIsWatchedAsWell() throws IOException {
        simulator.script("support", Script.inTurn(saysAndHangs(ENGLISH), says(GERMAN)));
        String whole = body("support", "").replace("\"stream\":true", "\"stream\":false");
        try (EventClient client = EventClient.post(at, whole)) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.header("Content-Type")).startsWith("application/json");
            JsonNode answer = JSON.readTree(client.body());
            assertThat(answer.get("object").asString()).isEqualTo("chat.completion");
            assertThat(answer.at("/choices/0/message/content").asString()).isEqualTo(GERMAN);
            assertThat(answer.at("/choices/0/message/role").asString()).isEqualTo("assistant");
            assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
            assertThat(answer.at("/usage/completion_tokens").asInt()).isPositive();
            assertThat(answer.at("/freshet/guard/0/rule").asString()).isEqualTo("language");
        }
        assertThat(JSON.readTree(asked().getFirst().body()).get("stream").asBoolean())
                .isTrue();
    }

    @Test
    void aRequestBringsRulesOfItsOwn() throws IOException {
        simulator.script("live", Script.inTurn(saysAndHangs("One banana, two"), says("One apple.")));
        String own =
                ",\"freshet\":{\"guard\":{\"add\":[{\"id\":\"fruit\",\"contains\":[\"banana\"]}],\"hold\":{\"tokens\":20},\"then\":{\"retry\":{\"append\":\"Not that: {match}.\"}}}}";
        try (EventClient client = ask("live", own)) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo("One apple.");
            assertThat(state(client.stream()).at("/guard/0/guard").asString()).isEqualTo("request");
        }
        JsonNode first = JSON.readTree(asked().get(0).body());
        assertThat(first.has("freshet")).isFalse();
        assertThat(JSON.readTree(asked().get(1).body())
                        .at("/messages/1/content")
                        .asString())
                .isEqualTo("Not that: banana.");
    }

    @Test
    void whatIsHeldHasNoNumberAndEveryReaderSeesTheSame() throws Exception {
        List<Object> steps = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        for (String piece : List.of("We have ", "guaran", "teed ")) steps.add(Steps.text(piece));
        steps.add(Steps.gate("held"));
        for (String piece : List.of("interest ", "and ", "guaranteed ")) steps.add(Steps.text(piece));
        steps.add(Steps.gate("again"));
        steps.addAll(List.of(Steps.text("returns!"), Steps.hang()));
        simulator.script("live", Script.of(steps.toArray()));
        try (EventClient client = ask("live", "", "Freshet-Ids: 1", "Freshet-Guard: no-promises")) {
            assertThat(data(client)).contains("role");
            assertThat(data(client)).contains("We have ");
            String id = client.stream();
            assertThat(state(id).get("cursor").asString()).endsWith("-2");
            try (EventClient second = EventClient.get(at, "/v1/streams/" + id + "/events", "Last-Event-ID: 1")) {
                assertThat(data(second)).contains("We have ");
                simulator.open("held");
                for (EventClient reader : List.of(client, second)) {
                    List<String> texts =
                            IntStream.range(0, 4).mapToObj(_ -> text(reader)).toList();
                    assertThat(texts).containsExactly("guaran", "teed ", "interest ", "and ");
                }
                assertThat(state(id).get("cursor").asString()).endsWith("-6");
                simulator.open("again");
                List<Event> rest = client.rest();
                assertThat(rest).isEqualTo(second.rest());
                assertThat(rest.stream().map(Event::number)).containsExactly(7L, 8L, 9L);
                assertThat(rest.get(0).data()).contains("content_filter");
                assertThat(rest.get(1).data()).isEqualTo("[DONE]");
            }
            try (EventClient late = EventClient.get(at, "/v1/streams/" + id + "/events")) {
                assertThat(StreamsWireTest.text(late.rest())).isEqualTo("We have guaranteed interest and ");
            }
        }
    }

    private static String data(EventClient reader) throws IOException {
        return Objects.requireNonNull(reader.next()).data();
    }

    private static String text(EventClient reader) {
        try {
            return JSON.readTree(data(reader)).at("/choices/0/delta/content").asString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
