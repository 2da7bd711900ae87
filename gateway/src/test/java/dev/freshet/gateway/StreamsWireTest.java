package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reading a stream, asking for its state, ending it, and coming back to it, whatever store keeps it.
@ParameterizedClass
@ValueSource(strings = {"memory", "disk"})
class StreamsWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String CONFIG = """
            listen: {port: 0}
            data: "DATA"
            providers:
              up: {base_url: "UPSTREAM", usage: never}
            models:
              impatient: {targets: [{provider: up, model: silent}], timeouts: {first_token: 300ms, idle: 300ms}}
              "*": {targets: [{provider: up}], retry: {attempts: 1}}
            streams: {store: STORE, keep: 2s, max_grace: 5s, head_after: 500ms}
            limits: {readers_per_stream: 8}
            """;

    @Parameter
    String store = "";

    private static Simulator simulator;
    private static Gateway gateway;
    private static InetSocketAddress at;

    @BeforeParameterizedClassInvocation
    static void start(String store, @TempDir Path data) throws IOException {
        simulator = Simulator.builder().recording(true).start();
        String yaml = CONFIG.replace("UPSTREAM", simulator.baseUri().toString())
                .replace("DATA", data.toString())
                .replace("STORE", store);
        gateway = Gateways.withOwners(yaml);
        at = gateway.address();
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        gateway.close();
        simulator.close();
    }

    static String body(String model) {
        return body(model, true);
    }

    private static String body(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
    }

    private static EventClient asked(String model, String... headers) throws IOException {
        String[] all = new String[headers.length + 1];
        all[0] = "Freshet-Ids: 1";
        System.arraycopy(headers, 0, all, 1, headers.length);
        return EventClient.post(at, body(model), all);
    }

    private static void script(String model, Object... steps) {
        simulator.script(model, Script.of(steps));
    }

    private static String path(String id) {
        return "/v1/streams/" + id + "/events";
    }

    private static EventClient from(String id, String cursor) throws IOException {
        return EventClient.get(at, path(id), "Last-Event-ID: " + cursor);
    }

    private static JsonNode state(String id, String... headers) throws IOException {
        try (EventClient client = EventClient.get(at, "/v1/streams/" + id, headers)) {
            assertThat(client.status()).isEqualTo(200);
            return JSON.readTree(client.body());
        }
    }

    /// A stream of three tokens that is complete, with its events.
    private record Complete(String id, List<Event> events) {
        String gen() {
            return events.getFirst().id().replaceFirst("-.*", "");
        }
    }

    private static Complete complete() throws IOException {
        try (EventClient client = asked("tokens-3")) {
            return new Complete(client.stream(), client.rest());
        }
    }

    private static int status(String id, String cursor) throws IOException {
        try (EventClient client = from(id, cursor)) {
            return client.status();
        }
    }

    private static String code(EventClient client) throws IOException {
        return JSON.readTree(client.body()).at("/error/code").asString();
    }

    @Test
    void idsAreDenseFromOneAndTheEndEventHasTheState() throws IOException {
        Complete stream = complete();
        List<Event> events = stream.events();
        assertThat(stream.id()).matches("[A-Za-z0-9_-]{22}");
        assertThat(stream.gen()).matches("[a-z]{4,6}");
        for (int i = 0; i < events.size(); i++) {
            assertThat(events.get(i).id()).isEqualTo(stream.gen() + "-" + (i + 1));
        }
        assertThat(events.get(events.size() - 2).data()).isEqualTo("[DONE]");
        Event end = events.getLast();
        assertThat(end.type()).isEqualTo("end");
        JsonNode state = JSON.readTree(end.data());
        assertThat(state.get("id").asString()).isEqualTo(stream.id());
        assertThat(state.get("object").asString()).isEqualTo("freshet.stream");
        assertThat(state.get("state").asString()).isEqualTo("completed");
        assertThat(state.get("cursor").asString()).isEqualTo(end.id());
        assertThat(state.get("model").asString()).isEqualTo("tokens-3");
        assertThat(state.get("provider").asString()).isEqualTo("up");
        assertThat(state.get("durable").asBoolean()).isEqualTo(store.equals("disk"));
        assertThat(state.get("error").isNull()).isTrue();
        assertThat(state.get("cost").isNull()).isTrue();
        assertThat(state.at("/attempts/0/outcome").asString()).isEqualTo("completed");
        assertThat(state.at("/attempts/0/from").asInt()).isEqualTo(1);
        assertThat(state.has("token")).isFalse();
        JsonNode asked = state(stream.id());
        assertThat(asked.at("/token/value").asString()).startsWith("v1.");
        ((tools.jackson.databind.node.ObjectNode) asked).remove("token");
        assertThat(asked).isEqualTo(state);
    }

    @Test
    void idsAndRetryStandInsideDataBlocksOnly() throws IOException {
        try (Wire wire = new Wire(at)) {
            String response = wire.post(body("tokens-3"), "Freshet-Ids: 1").readUntil("0\r\n\r\n");
            String events = response.substring(response.indexOf("\r\n\r\n") + 2).replaceAll("\r\n[0-9a-f]*\r\n", "");
            List<String> blocks = List.of(events.strip().split("\n\n", -1));
            assertThat(blocks.getFirst()).matches("id: [a-z]+-1\nretry: \\d+\ndata: \\{.*}");
            assertThat(blocks.get(1)).matches("id: [a-z]+-2\ndata: \\{.*}");
            assertThat(blocks.getLast()).matches("event: end\nid: [a-z]+-\\d+\ndata: \\{.*}");
            assertThat(events).containsOnlyOnce("retry:");
        }
    }

    @Test
    void whoAsksForIdsGetsTheHeadAtOnceAndFailuresInTheStream() throws IOException {
        script("silent", Steps.head(), Steps.role(), Steps.hang());
        try (EventClient client = asked("impatient")) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(client.stream()).isNotEmpty();
            List<Event> events = client.rest();
            assertThat(events).hasSize(2);
            JsonNode error = JSON.readTree(events.getFirst().data()).get("error");
            assertThat(error.get("code").asString()).isEqualTo("upstream_timeout");
            assertThat(error.get("status").asInt()).isEqualTo(504);
            JsonNode state = JSON.readTree(events.getLast().data());
            assertThat(state.get("state").asString()).isEqualTo("failed");
            assertThat(state.get("error")).isEqualTo(error);
        }
    }

    @Test
    void everyCursorGetsTheRightStatusAndNeverASilentReplay() throws IOException {
        Complete stream = complete();
        Complete other = complete();
        long end = stream.events().getLast().number();
        String gen = stream.gen() + "-";
        assertThat(status(stream.id(), gen + end)).isEqualTo(204);
        assertThat(status(stream.id(), String.valueOf(end))).isEqualTo(204);
        assertThat(status(stream.id(), gen + (end + 1))).isEqualTo(409);
        assertThat(status(stream.id(), String.valueOf(end + 1))).isEqualTo(409);
        assertThat(status(stream.id(), other.events().getLast().id())).isEqualTo(409);
        assertThat(status(stream.id(), "zzzzz-1")).isEqualTo(409);
        for (String junk :
                List.of("-1", gen + "-1", "x", gen, gen + "1x", "1-" + gen, "q".repeat(200), "1".repeat(19))) {
            try (EventClient client = from(stream.id(), junk)) {
                assertThat(client.status()).as(junk).isEqualTo(400);
                assertThat(code(client)).isEqualTo("cursor_malformed");
            }
        }
        for (String start : List.of("0", gen + "0")) {
            try (EventClient client = from(stream.id(), start)) {
                assertThat(client.rest()).isEqualTo(stream.events());
            }
        }
        for (int read = 1; read < end; read++) {
            List<Event> rest = stream.events().subList(read, stream.events().size());
            try (EventClient client = from(stream.id(), gen + read);
                    EventClient bare = from(stream.id(), String.valueOf(read));
                    EventClient query = EventClient.get(at, path(stream.id()) + "?last_event_id=" + gen + read)) {
                assertThat(client.rest()).isEqualTo(rest);
                assertThat(bare.rest()).isEqualTo(rest);
                assertThat(query.rest()).isEqualTo(rest);
            }
        }
        try (EventClient stale = EventClient.get(
                at, path(stream.id()) + "?last_event_id=" + gen + 1, "Last-Event-ID: " + gen + (end - 1))) {
            assertThat(stale.rest()).hasSize(1);
        }
        try (EventClient client = from(stream.id(), gen + (end + 1))) {
            assertThat(code(client)).isEqualTo("cursor_ahead");
        }
    }

    @Test
    void theTailOfARunningStreamWaitsForWhatComes() throws IOException {
        script(
                "gated",
                Steps.head(),
                Steps.text("a"),
                Steps.gate("tail"),
                Steps.text("b"),
                Steps.done(),
                Steps.lastChunk());
        try (EventClient first = asked("gated")) {
            Event a = Objects.requireNonNull(first.next());
            try (EventClient second = from(first.stream(), a.id())) {
                assertThat(second.status()).isEqualTo(200);
                assertThat(second.next(Duration.ofMillis(100))).isNull();
                assertThat(state(first.stream()).get("state").asString()).isEqualTo("running");
                assertThat(state(first.stream()).get("cursor").asString()).isEqualTo(a.id());
                simulator.open("tail");
                assertThat(second.rest()).isEqualTo(first.rest()).hasSize(3);
            }
        }
    }

    @Test
    void errorsCanComeInsideTheStreamAndAreNotComeBackTo() throws IOException {
        for (String path : List.of(path("A".repeat(22)), path("nope"))) {
            try (EventClient client = EventClient.get(at, path + "?errors=inband")) {
                assertThat(client.status()).isEqualTo(200);
                assertThat(client.header("content-type")).isEqualTo("text/event-stream");
                List<Event> events = client.rest();
                assertThat(events).hasSize(1);
                assertThat(events.getFirst().type()).isEqualTo("stream.error");
                assertThat(events.getFirst().id()).isEqualTo("gone");
                assertThat(events.getFirst().data()).contains("\"code\":\"stream_not_found\"", "\"status\":404");
            }
        }
        assertThat(status("A".repeat(22), "gone")).isEqualTo(204);
        Complete stream = complete();
        try (EventClient client = EventClient.get(at, path(stream.id()) + "?errors=inband&last_event_id=999")) {
            assertThat(client.rest().getFirst().data()).contains("cursor_ahead", "\"status\":409");
        }
    }

    @Test
    void anotherOwnersStreamIsLikeOneThatDoesNotExist() throws IOException {
        try (EventClient client = asked("tokens-3", "Authorization: Bearer alice")) {
            client.rest();
            String id = client.stream();
            String unknown = "A".repeat(22);
            for (String path :
                    List.of("/v1/streams/ID", "/v1/streams/ID/events", "/v1/streams/ID/events?errors=inband")) {
                for (String method : List.of("GET", "DELETE")) {
                    if (method.equals("DELETE") && path.contains("events")) continue;
                    String others = answer(method, path.replace("ID", id), "Authorization: Bearer bob");
                    assertThat(others)
                            .isEqualTo(answer(method, path.replace("ID", unknown), "Authorization: Bearer bob"));
                    assertThat(others).contains("stream_not_found");
                    assertThat(answer(method, path.replace("ID", id))).isEqualTo(others);
                }
            }
            assertThat(state(id, "Authorization: Bearer alice").get("state").asString())
                    .isEqualTo("completed");
        }
    }

    /// The whole response, but for the request's own id.
    private static String answer(String method, String path, String... headers) throws IOException {
        try (Wire wire = new Wire(at)) {
            String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
            wire.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + more + "\r\n");
            return wire.readResponse().replaceFirst("x-request-id: [^\r]*\r\n", "");
        }
    }

    @Test
    void aReadTokenReadsOneStreamAndNothingElse() throws IOException {
        try (EventClient client = asked("tokens-3", "Authorization: Bearer alice")) {
            List<Event> events = client.rest();
            String id = client.stream();
            String token =
                    state(id, "Authorization: Bearer alice").at("/token/value").asString();
            try (EventClient reader = EventClient.get(at, path(id) + "?token=" + token)) {
                assertThat(reader.rest()).isEqualTo(events);
            }
            String other = complete().id();
            char last = token.charAt(token.length() - 2);
            String forged = token.substring(0, token.length() - 2)
                    + (last == 'A' ? 'B' : 'A')
                    + token.charAt(token.length() - 1);
            String longer = token.replaceFirst("v1\\.\\d", "v1.9");
            for (String wrong : List.of(
                    path(other) + "?token=" + token,
                    path(id) + "?token=" + forged,
                    path(id) + "?token=" + longer,
                    path(id) + "?token=",
                    "/v1/streams/" + id + "?token=" + token)) {
                assertThat(answer("GET", wrong))
                        .as(wrong)
                        .startsWith("HTTP/1.1 404 ")
                        .contains("stream_not_found");
            }
            assertThat(answer("DELETE", "/v1/streams/" + id + "?token=" + token))
                    .startsWith("HTTP/1.1 404 ");
            assertThat(answer("GET", path(id) + "?token=wrong", "Authorization: Bearer alice"))
                    .startsWith("HTTP/1.1 404 ");
        }
    }

    @Test
    void deletingEndsARunningStreamOnceAndStopsTheProvider() throws Exception {
        script("endless", Steps.head(), Steps.text("a"), Steps.hang());
        try (EventClient client = asked("endless", "Freshet-Grace: 5s")) {
            client.next();
            Exchange upstream = simulator.exchanges().getLast();
            assertThat(answer("DELETE", "/v1/streams/" + client.stream()))
                    .startsWith("HTTP/1.1 202 ")
                    .contains("\"state\":\"cancelled\"");
            upstream.await(Exchange.State.CANCELLED, LIMIT);
            List<Event> rest = client.rest();
            assertThat(rest).hasSize(2);
            assertThat(rest.getFirst().data()).contains("\"code\":\"stream_cancelled\"");
            assertThat(answer("DELETE", "/v1/streams/" + client.stream()))
                    .startsWith("HTTP/1.1 200 ")
                    .contains("\"state\":\"cancelled\"");
        }
        assertThat(answer("POST", "/v1/streams/" + "A".repeat(22)))
                .startsWith("HTTP/1.1 405 ")
                .contains("Allow: GET, DELETE\r\n");
    }

    @Test
    void afterItsTimeAStreamIsGoneAndSaysSo() throws Exception {
        String id = complete().id();
        long until = System.nanoTime() + LIMIT.toNanos();
        while (status(id, "0") == 200 && System.nanoTime() < until) Thread.sleep(100);
        for (String path : List.of("/v1/streams/" + id, path(id))) {
            assertThat(answer("GET", path)).startsWith("HTTP/1.1 410 ").contains("stream_expired");
        }
        assertThat(answer("GET", path(id), "Authorization: Bearer bob")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void aReaderThatComesBackWithinTheGraceFindsTheStreamRunning() throws Exception {
        script(
                "graceful",
                Steps.head(),
                Steps.text("a"),
                Steps.gate("back"),
                Steps.text("b"),
                Steps.done(),
                Steps.lastChunk());
        EventClient client = asked("graceful", "Freshet-Grace: 5s");
        Event a = Objects.requireNonNull(client.next());
        client.reset();
        Thread.sleep(300); // shorter than the grace, and long enough for a cancel to be seen
        assertThat(simulator.exchanges().getLast().state()).isEqualTo(Exchange.State.RUNNING);
        try (EventClient back = from(client.stream(), a.id())) {
            simulator.open("back");
            assertThat(back.rest()).hasSize(3).first().matches(b -> b.data().contains("\"b\""));
        }
    }

    @Test
    void aStreamThatNobodyComesBackToIsCancelledWhenItsGraceIsOver() throws Exception {
        script("graceful-2", Steps.head(), Steps.text("a"), Steps.hang());
        EventClient client = asked("graceful-2", "Freshet-Grace: 700ms");
        client.next();
        client.reset();
        long left = System.nanoTime();
        Exchange upstream = simulator.exchanges().getLast();
        upstream.await(Exchange.State.CANCELLED, LIMIT);
        Duration took = Duration.ofNanos(upstream.endedNanos() - left);
        System.out.println("a grace of 700 ms: the upstream was cancelled after " + took.toMillis() + " ms");
        assertThat(took).isBetween(Duration.ofMillis(690), Duration.ofSeconds(2));
        assertThat(state(client.stream()).get("state").asString()).isEqualTo("cancelled");
        try (EventClient late = from(client.stream(), "1")) {
            assertThat(late.rest()).hasSize(2);
        }
    }

    @Test
    void withoutGraceOrBeforeTheHeadALeavingReaderEndsTheStreamAtOnce() throws Exception {
        script("endless-2", Steps.head(), Steps.text("a"), Steps.hang());
        EventClient client = asked("endless-2");
        client.next();
        client.reset();
        simulator.exchanges().getLast().await(Exchange.State.CANCELLED, LIMIT);
        script("mute", Steps.head(), Steps.role(), Steps.hang());
        int before = simulator.exchanges().size();
        try (Wire wire = new Wire(at)) {
            wire.post(body("mute"), "Freshet-Grace: 5s");
            simulator.awaitExchange(before, LIMIT);
        }
        long left = System.nanoTime();
        Exchange upstream = simulator.exchanges().getLast();
        upstream.await(Exchange.State.CANCELLED, LIMIT);
        assertThat(Duration.ofNanos(upstream.endedNanos() - left)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void headersThatMeanNothingAreRefusedWithTheirCure() throws IOException {
        for (String header : List.of(
                "Freshet-Ids: yes",
                "Freshet-Grace: soon",
                "Freshet-Grace: -1s",
                "Freshet-Grace: 10",
                "Idempotency-Key: " + "k".repeat(256),
                "Idempotency-Key: a b")) {
            try (EventClient client = EventClient.post(at, body("tokens-1"), header)) {
                assertThat(client.status()).as(header).isEqualTo(400);
                assertThat(client.body()).contains("\"code\":\"invalid_request\"", header.replaceFirst(":.*", ""));
            }
        }
    }

    @Test
    void replayCanBeMergedIntoFewerEventsWithTheSameText() throws IOException {
        try (EventClient client = asked("tokens-200")) {
            List<Event> events = client.rest();
            try (EventClient merged = EventClient.get(at, path(client.stream()) + "?merge=1")) {
                List<Event> fewer = merged.rest();
                assertThat(fewer.size()).isLessThan(10);
                assertThat(text(fewer)).isEqualTo(text(events));
                assertThat(fewer.getLast()).isEqualTo(events.getLast());
                for (Event event : fewer)
                    assertThat(events.stream().map(Event::id)).contains(event.id());
            }
        }
    }

    @Test
    void toolCallsAndOtherShapesAreNeverMerged() throws IOException {
        String tool =
                "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1\"}}]}}]}";
        String second = "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}";
        String first = "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}";
        script(
                "mixed",
                Steps.head(),
                Steps.event(tool),
                Steps.event(tool),
                Steps.event(first),
                Steps.event(second),
                Steps.event(first),
                Steps.event(first),
                Steps.done(),
                Steps.lastChunk());
        try (EventClient client = asked("mixed")) {
            client.rest();
            try (EventClient merged = EventClient.get(at, path(client.stream()) + "?merge=1")) {
                List<String> data = merged.rest().stream().map(Event::data).toList();
                assertThat(data.subList(0, data.size() - 1))
                        .containsExactly(tool, tool, first, second, first.replace("\"a\"", "\"aa\""), "[DONE]");
            }
        }
    }

    static String text(List<Event> events) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Event event : events) {
            if (event.type().equals("end") || event.data().equals("[DONE]")) continue;
            JsonNode content = JSON.readTree(event.data()).at("/choices/0/delta/content");
            if (content.isString()) text.append(content.asString());
        }
        return text.toString();
    }

    @Test
    void aWholeAnswerCanBeReadAsAStreamToo() throws IOException {
        try (EventClient client = EventClient.post(at, body("tokens-3", false))) {
            String body = client.body();
            try (EventClient reader = from(client.stream(), "0")) {
                List<Event> events = reader.rest();
                assertThat(events).hasSize(2);
                assertThat(JSON.readTree(events.getFirst().data())).isEqualTo(JSON.readTree(body));
            }
            assertThat(state(client.stream()).at("/usage/completion_tokens").asInt())
                    .isEqualTo(3);
        }
    }

    @Test
    void readersAreLimitedForEachStream() throws Exception {
        script("popular", Steps.head(), Steps.text("a"), Steps.hang());
        List<EventClient> readers = new ArrayList<>();
        try (EventClient first = asked("popular")) {
            first.next();
            for (int i = 0; i < 8; i++) {
                EventClient reader = from(first.stream(), "0");
                readers.add(reader);
                assertThat(reader.next()).isNotNull();
            }
            try (EventClient more = from(first.stream(), "0")) {
                assertThat(more.status()).isEqualTo(503);
                assertThat(more.header("Retry-After")).isEqualTo("1");
            }
            readers.removeFirst().close();
            long until = System.nanoTime() + LIMIT.toNanos();
            int status = 503;
            while (status != 200 && System.nanoTime() < until) status = status(first.stream(), "0");
            assertThat(status).isEqualTo(200);
        } finally {
            for (EventClient reader : readers) reader.close();
        }
    }
}
