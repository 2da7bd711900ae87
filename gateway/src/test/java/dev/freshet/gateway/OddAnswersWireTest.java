package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Providers that answer in another form than they were asked for.
class OddAnswersWireTest {
    private static final JsonMapper JSON = new JsonMapper();

    private static Simulator simulator;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws IOException {
        simulator = Simulator.builder().start();
        gateway =
                Gateways.withOwners("""
                listen: {port: 0}
                providers: {up: {base_url: "UPSTREAM"}}
                models: {"*": {targets: [{provider: up}], retry: {attempts: 1}}}
                streams: {max_size: 200KiB, max_event: 100KiB}
                """.replace("UPSTREAM", simulator.baseUri().toString()));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        simulator.close();
    }

    private static EventClient ask(String model, Script script) throws IOException {
        simulator.script(model, script);
        return EventClient.post(gateway.address(), StreamsWireTest.body(model), "Freshet-Ids: 1");
    }

    @Test
    void aWholeAnswerToARequestForAStreamBecomesEvents() throws IOException {
        String whole =
                "{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":7,\"model\":\"m\",\"choices\":[{\"index\":0,"
                        + "\"message\":{\"role\":\"assistant\",\"content\":\"hi \\u2028\",\"tool_calls\":[{\"id\":\"a\"},{\"id\":\"b\"}]},"
                        + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"total_tokens\":5}}";
        try (EventClient client = ask("json", Script.of(Steps.json(200, whole)))) {
            assertThat(client.header("content-type")).isEqualTo("text/event-stream");
            List<Event> events = client.rest();
            assertThat(events).hasSize(3);
            JsonNode chunk = JSON.readTree(events.getFirst().data());
            assertThat(chunk.get("object").asString()).isEqualTo("chat.completion.chunk");
            assertThat(chunk.at("/choices/0/delta/content").asString()).isEqualTo("hi \u2028");
            assertThat(chunk.at("/choices/0/delta/tool_calls/1/index").asInt()).isEqualTo(1);
            assertThat(chunk.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
            assertThat(events.get(1).data()).isEqualTo("[DONE]");
            JsonNode state = JSON.readTree(events.get(2).data());
            assertThat(state.at("/usage/total_tokens").asInt()).isEqualTo(5);
        }
    }

    @Test
    void anErrorWithA200IsTheStatusThatItMeans() throws IOException {
        simulator.script(
                "error", Script.of(Steps.json(200, "{\"error\":{\"message\":\"m\",\"type\":\"rate_limit_error\"}}")));
        try (EventClient client = EventClient.post(gateway.address(), StreamsWireTest.body("error"))) {
            assertThat(client.status()).isEqualTo(429);
        }
    }

    @Test
    void jsonThatIsNoneAndOtherFormsAreA502() throws IOException {
        List<Step> odd = List.of(
                Steps.json(200, "{\"choices\":["),
                Steps.json(200, "[]"),
                Steps.raw("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"),
                Steps.raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: zstd\r\n"
                        + "Content-Length: 1\r\n\r\nx"),
                Steps.raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
                        + "Content-Length: 11\r\n\r\nnot zipped!"));
        for (Step step : odd) {
            simulator.script("odd", Script.of(step));
            try (EventClient client = EventClient.post(gateway.address(), StreamsWireTest.body("odd"))) {
                assertThat(client.status()).isEqualTo(502);
                assertThat(client.body()).contains("\"code\":\"upstream_broken\"");
            }
        }
    }

    private interface Coder {
        OutputStream over(OutputStream out) throws IOException;
    }

    /// As a provider flushes it: each event can be read when it has come.
    private static List<byte[]> coded(Coder coder, List<String> texts) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<byte[]> pieces = new ArrayList<>();
        try (OutputStream coding = coder.over(out)) {
            for (String text : texts) {
                coding.write(text.getBytes(StandardCharsets.UTF_8));
                coding.flush();
                pieces.add(out.toByteArray());
                out.reset();
            }
        }
        pieces.add(out.toByteArray());
        return pieces;
    }

    private static String chunk(String text) {
        return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]}\n\n";
    }

    @Test
    void aCompressedStreamIsReadAsItComes() throws IOException {
        List<String> events = List.of(chunk("a"), chunk("\u00e9"), "data: [DONE]\n\n");
        for (String coding : List.of("gzip", "deflate")) {
            List<byte[]> pieces = coded(
                    out -> coding.equals("gzip")
                            ? new GZIPOutputStream(out, true)
                            : new DeflaterOutputStream(out, true),
                    events);
            List<Object> steps = new ArrayList<>(List.of(Steps.head(
                    200,
                    "Content-Type: text/event-stream",
                    "Content-Encoding: " + coding,
                    "Transfer-Encoding: chunked")));
            for (int i = 0; i < pieces.size(); i++) {
                if (i == 1) steps.add(Steps.gate(coding));
                for (byte b : pieces.get(i)) steps.add(Steps.chunk(new byte[] {b}));
            }
            steps.add(Steps.lastChunk());
            try (EventClient client = ask(coding, Script.of(steps.toArray()))) {
                Event first = client.next();
                assertThat(first)
                        .isNotNull()
                        .satisfies(event -> assertThat(event.data()).contains("\"a\""));
                simulator.open(coding);
                assertThat(client.rest().stream().map(Event::data).limit(2))
                        .containsExactly(chunk("\u00e9").substring(6).strip(), "[DONE]");
            }
        }
    }

    @Test
    void aLittleThatInflatesToVeryMuchIsStoppedAtTheLimits() throws IOException {
        char[] much = new char[50_000_000];
        Arrays.fill(much, 'x');
        List<byte[]> pieces =
                coded(out -> new GZIPOutputStream(out, true), List.of(chunk("a"), "data: " + new String(much)));
        List<Object> steps = new ArrayList<>(List.of(Steps.head(
                200, "Content-Type: text/event-stream", "Content-Encoding: gzip", "Transfer-Encoding: chunked")));
        for (byte[] piece : pieces) if (piece.length > 0) steps.add(Steps.chunk(piece));
        steps.add(Steps.lastChunk());
        try (EventClient client = ask("bomb", Script.of(steps.toArray()))) {
            List<Event> events = client.rest();
            assertThat(events.get(events.size() - 2).data()).contains("\"code\":\"upstream_broken\"");
        }
    }
}
