package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.freshet.gateway.EventClient.Event;
import dev.freshet.gateway.dialect.openai.ChatStream;
import dev.freshet.gateway.dialect.openai.Deltas;
import dev.freshet.simulator.ChatCall;
import dev.freshet.simulator.Fault;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import dev.freshet.sse.SseDecoder;
import dev.freshet.sse.SseLimitException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/// Whatever a provider answers: each stream ends once, as a whole or as a failure, never with an error of ours, and
/// nothing is left behind (docs/decisions/0003).
class UpstreamFuzzWireTest {
    private static final int ROUNDS = 1_000;
    private static final int AT_ONCE = 48;
    private static final int MOST_STEPS = 60;
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> MODELS = List.of("plain", "guarded", "goes-on", "another");
    private static final List<String> PIECES = List.of(
            "\r\n",
            "\n",
            "\r",
            "\r\n\r\n",
            "\n\n",
            " ",
            ":",
            ";x=y",
            "\u0000",
            "HTTP/1.1 ",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "204",
            "304",
            "101",
            "999",
            "Content-Length: 3\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Content-Encoding: gzip\r\n",
            "Content-Encoding: br\r\n",
            "Connection: close\r\n",
            "Content-Type: application/json\r\n",
            "Retry-After: -1\r\n",
            "0\r\n\r\n",
            "ffffffff\r\n",
            "-1\r\n",
            "data: ",
            "data: [DONE]\n\n",
            "data: {}\n\n",
            "data: null\n\n",
            "data: [[]]\n\n",
            "event: error\n",
            "id: \u0000\n",
            "retry: 99999999999\n",
            ": c\n",
            "{",
            "}",
            "[",
            "]",
            ",",
            "\"",
            "\\",
            "\\ud83d",
            "null",
            "-7",
            "1e999",
            "\"index\":-1,",
            "\"index\":99999999,",
            "\"index\":0,",
            "\"finish_reason\":\"stop\",",
            "\"delta\":null,",
            "\"delta\":{\"content\":7},",
            "\"choices\":{},",
            "\"choices\":[null],",
            "\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":1e99},",
            "\"usage\":[],",
            "\"error\":{},",
            "\"error\":null,",
            "\"tool_calls\":[{\"index\":-1,\"function\":{\"arguments\":7}}],",
            "\"content\":null,",
            "\"content\":[],");

    private static final long SEED = Long.getLong("seed", System.nanoTime());

    private static Simulator simulator;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws IOException {
        System.out.println("whateverAProviderAnswers: -Dseed=" + SEED);
        simulator = Simulator.builder()
                .threads(2)
                .script("fuzz", UpstreamFuzzWireTest::script)
                .start();
        gateway = Gateways.withOwners("""
                listen: {port: 0}
                providers: {up: {base_url: "%s", prefill: {field: prefix}}}
                guards:
                  g:
                    stop_when: [{id: c, contains: ["3 4", "x"]}, {id: r, repeat: {copies: 4, span: 12}}, {id: l, language: {expect: [en]}}]
                    then: {retry: {append: "again"}}
                models:
                  plain: {targets: [{provider: up, model: fuzz}], timeouts: {first_token: 400ms, idle: 400ms, total: 5s}, retry: {attempts: 2, base: 1ms, max: 5ms}}
                  guarded: {targets: [{provider: up, model: fuzz}], timeouts: {first_token: 400ms, idle: 400ms, total: 5s}, retry: {attempts: 1}, guards: [g]}
                  goes-on: {targets: [{provider: up, model: fuzz}], timeouts: {first_token: 400ms, idle: 400ms, total: 5s}, retry: {attempts: 1}, continue: prefill}
                  another: {targets: [{provider: up, model: fuzz}, {provider: up, model: tokens-3}], timeouts: {first_token: 400ms, idle: 400ms, total: 5s}, retry: {attempts: 1}}
                streams: {max_size: 64KiB, max_event: 16KiB}
                """.formatted(simulator.baseUri()));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        simulator.close();
    }

    /// One round's answer; the same for the same round, however often it is asked.
    private static Iterator<Step> script(ChatCall call) {
        Random random =
                new Random(SEED + 1_000_003L * Integer.parseInt(call.prompt().split(" ", 2)[0]));
        Mutations mutations = new Mutations(random, PIECES);
        List<Fault> faults = Simulator.faults();
        Script right = random.nextInt(3) == 0
                ? simulator.model("tokens-6")
                : faults.get(random.nextInt(faults.size())).script();
        List<Step> steps = new ArrayList<>();
        for (Iterator<Step> all = right.play(call); all.hasNext() && steps.size() < MOST_STEPS; ) {
            Step step = all.next();
            boolean changes = random.nextInt(6) == 0;
            switch (step) {
                case Step.Send send
                when send.bytes().length < 100_000 -> {
                    byte[] bytes = changes ? mutations.of(send.bytes()) : send.bytes();
                    steps.add(new Step.Send(bytes));
                    if (changes && random.nextInt(8) == 0) steps.add(new Step.Send(bytes));
                }
                case Step.Vanish _ -> steps.add(Steps.hang()); // which would go on for a minute
                default -> {
                    if (!changes || step.last()) steps.add(step);
                }
            }
        }
        if (random.nextInt(3) == 0) steps.add(Steps.close());
        return Step.complete(upToLast(steps)).iterator();
    }

    private static List<Step> upToLast(List<Step> steps) {
        for (int i = 0; i < steps.size(); i++) if (steps.get(i).last()) return steps.subList(0, i + 1);
        return steps;
    }

    @Test
    @Timeout(600)
    void whateverAProviderAnswersEachStreamEndsOnce() throws Exception {
        try (Complaints complaints = new Complaints()) {
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Semaphore places = new Semaphore(AT_ONCE);
                List<Future<?>> running = new ArrayList<>();
                for (int i = 0; i < Mutations.rounds(ROUNDS); i++) {
                    int round = i;
                    places.acquire();
                    running.add(threads.submit(() -> {
                        try {
                            one(round);
                        } finally {
                            places.release();
                        }
                        return null;
                    }));
                }
                for (Future<?> one : running) one.get();
            }
            Eventually.is(() -> metrics().contains("freshet_exchanges_running 0.0"));
            complaints.none();
        }
    }

    private static void one(int round) throws IOException {
        String model = MODELS.get(round % MODELS.size());
        boolean stream = round / MODELS.size() % 3 != 0;
        String body = "{\"model\":\"%s\",\"stream\":%b,\"messages\":[{\"role\":\"user\",\"content\":\"%d \"}]}"
                .formatted(model, stream, round);
        try (EventClient client = EventClient.post(gateway.address(), body, "Freshet-Ids: 1")) {
            if (client.status() != 200 || !stream) {
                String answer = client.body();
                assertThat(answer).as("round %d", round).doesNotContain("\"code\":\"internal\"");
                assertThat(client.status()).as("round %d: %s", round, answer).isNotEqualTo(500);
                return;
            }
            check(round, client.rest());
        } catch (IOException e) {
            throw new AssertionError("round " + round + " of " + model + ", stream " + stream, e);
        }
    }

    /// Rising numbers (a hidden entry has one too), one last event, one state, and both say the same.
    private static void check(int round, List<Event> events) throws IOException {
        List<String> ends = new ArrayList<>();
        long last = 0;
        for (Event event : events) {
            assertThat(event.number()).as("round %d", round).isGreaterThan(last);
            last = event.number();
            assertThat(event.data()).as("round %d", round).doesNotContain("\"code\":\"internal\"");
            if (event.type().equals("end"))
                ends.add(JSON.readTree(event.data()).get("state").asString());
        }
        assertThat(ends).as("round %d", round).hasSize(1);
        assertThat(events.getLast().type()).as("round %d", round).isEqualTo("end");
        boolean whole =
                events.size() > 1 && events.get(events.size() - 2).data().equals("[DONE]");
        assertThat(ends.getFirst().equals("completed"))
                .as("round %d: %s", round, events)
                .isEqualTo(whole);
        assertThat(events.stream()
                        .filter(event -> event.data().equals("[DONE]"))
                        .count())
                .as("round %d", round)
                .isEqualTo(whole ? 1 : 0);
    }

    private static String metrics() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            return wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    .readAll();
        }
    }

    /// Runs over its seeds; guided by coverage with `JAZZER_FUZZ=1 mvn -pl gateway -am test -Djazzer.hooks=true
    /// -Dtest='UpstreamFuzzWireTest#guided*'`.
    @MethodSource("streams")
    @FuzzTest(maxDuration = "60s")
    void guidedStreamsOfAProviderAreUnderstoodOrPassedOn(byte[] stream) {
        ChatStream meaning = new ChatStream();
        Deltas deltas = new Deltas((_, _, _, _) -> {});
        try {
            new SseDecoder(1 << 14, 1 << 14).feed(stream, 0, stream.length, event -> {
                meaning.look(event);
                byte[] data = Arrays.copyOfRange(event.array(), event.offset(), event.offset() + event.length());
                deltas.read(data, 0, data.length);
            });
        } catch (SseLimitException e) {
            // The answer is broken then, and its client is told.
        }
    }

    static Stream<byte[]> streams() {
        return Stream.of("{\"content\":\"a\"}", "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]}")
                .map(delta -> "data: {\"choices\":[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":null}],"
                        + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }
}
