package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Requests with an Idempotency-Key: one call upstream, however often they are sent.
class IdempotencyWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static Simulator simulator;
    private static Gateway gateway;
    private static InetSocketAddress at;

    private final String key = "Idempotency-Key: " + UUID.randomUUID();

    @BeforeAll
    static void start() throws IOException {
        simulator = Simulator.builder().recording(true).start();
        String yaml = """
                listen: {port: 0}
                providers: {up: {base_url: "UPSTREAM"}}
                models: {"*": {targets: [{provider: up}], retry: {attempts: 1}}}
                streams: {keep: 1s, head_after: 300ms}
                """.replace("UPSTREAM", simulator.baseUri().toString());
        gateway = Gateways.withOwners(yaml);
        at = gateway.address();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        simulator.close();
    }

    private EventClient ask(String model, String... more) throws IOException {
        String[] headers = new String[more.length + 1];
        headers[0] = key;
        System.arraycopy(more, 0, headers, 1, more.length);
        return EventClient.post(at, StreamsWireTest.body(model), headers);
    }

    private static long calls(String model) {
        return simulator.exchanges().stream()
                .filter(exchange -> exchange.body().contains("\"" + model + "\""))
                .count();
    }

    @Test
    void identicalRequestsThatRaceAreOneCallAndEachGetsTheWholeAnswer() throws Exception {
        for (int round = 0; round < 20; round++) {
            String model = "raced-" + round;
            String roundsKey = "Idempotency-Key: " + UUID.randomUUID();
            simulator.script(
                    model,
                    Script.of(
                            Steps.head(),
                            Steps.pause(Duration.ofMillis(20)),
                            Steps.text("a"),
                            Steps.pause(Duration.ofMillis(5)),
                            Steps.text("b"),
                            Steps.finish("stop"),
                            Steps.done(),
                            Steps.lastChunk()));
            int racers = 4;
            CyclicBarrier together = new CyclicBarrier(racers);
            try (ExecutorService threads = Executors.newFixedThreadPool(racers)) {
                List<Future<List<Event>>> answers = IntStream.range(0, racers)
                        .mapToObj(_ -> threads.submit(() -> {
                            together.await();
                            try (EventClient client = EventClient.post(at, StreamsWireTest.body(model), roundsKey)) {
                                assertThat(client.status()).isEqualTo(200);
                                return client.rest();
                            }
                        }))
                        .toList();
                List<Event> first = answers.getFirst().get();
                assertThat(first).hasSize(4);
                for (Future<List<Event>> answer : answers)
                    assertThat(answer.get()).isEqualTo(first);
            }
            assertThat(calls(model)).isEqualTo(1);
        }
    }

    @Test
    void aCompletedAnswerIsGivenAgain() throws IOException {
        try (EventClient first = ask("tokens-5");
                EventClient second = ask("tokens-5", "Freshet-Ids: 1")) {
            List<Event> plain = first.rest();
            assertThat(second.stream()).isEqualTo(first.stream());
            List<Event> numbered = second.rest();
            assertThat(numbered.stream().map(Event::data).toList().subList(0, plain.size()))
                    .isEqualTo(plain.stream().map(Event::data).toList());
        }
        assertThat(calls("tokens-5")).isEqualTo(1);
    }

    @Test
    void theFirstReadersLeavingDoesNotTakeTheAnswerFromTheSecond() throws Exception {
        simulator.script(
                "shared",
                Script.of(
                        Steps.head(),
                        Steps.text("a"),
                        Steps.gate("shared"),
                        Steps.text("b"),
                        Steps.done(),
                        Steps.lastChunk()));
        EventClient first = ask("shared");
        first.next();
        try (EventClient second = ask("shared")) {
            assertThat(second.next()).isNotNull();
            first.reset();
            Thread.sleep(100); // a leaving reader is seen well within this
            simulator.open("shared");
            assertThat(second.rest()).hasSize(2);
        }
        assertThat(calls("shared")).isEqualTo(1);
    }

    @Test
    void anotherBodyIsA422ThatIsNotToBeRepeated() throws IOException {
        try (EventClient first = ask("tokens-1");
                EventClient second = ask("tokens-2")) {
            first.rest();
            assertThat(second.status()).isEqualTo(422);
            assertThat(second.header("x-should-retry")).isEqualTo("false");
            assertThat(second.body()).contains("\"code\":\"idempotency_mismatch\"");
        }
    }

    @Test
    void keysAreTheirOwnersOwn() throws IOException {
        try (EventClient first = ask("tokens-1", "Authorization: Bearer alice");
                EventClient second = ask("tokens-2", "Authorization: Bearer bob")) {
            assertThat(first.status()).isEqualTo(200);
            assertThat(second.status()).isEqualTo(200);
        }
    }

    @Test
    void aFailureGivesTheKeyFree() throws IOException {
        simulator.script(
                "second-time",
                Script.inTurn(
                        Script.of(Steps.json(500, "{}")),
                        Script.of(Steps.head(), Steps.text("a"), Steps.close()),
                        Script.of(Steps.head(), Steps.text("a"), Steps.done(), Steps.lastChunk())));
        try (EventClient refused = ask("second-time")) {
            assertThat(refused.status()).isEqualTo(502);
        }
        try (EventClient broken = ask("second-time")) {
            assertThat(broken.rest().getLast().data()).contains("upstream_truncated");
        }
        try (EventClient good = ask("second-time")) {
            assertThat(good.rest().getLast().data()).isEqualTo("[DONE]");
        }
    }

    @Test
    void aCancelGivesTheKeyFree() throws Exception {
        simulator.script(
                "left",
                Script.inTurn(
                        Script.of(Steps.head(), Steps.text("a"), Steps.hang()),
                        Script.of(Steps.head(), Steps.text("b"), Steps.done(), Steps.lastChunk())));
        EventClient leaving = ask("left");
        leaving.next();
        Exchange upstream = simulator.exchanges().getLast();
        leaving.reset();
        upstream.await(Exchange.State.CANCELLED, LIMIT);
        try (EventClient again = ask("left")) {
            assertThat(Objects.requireNonNull(again.next()).data()).contains("\"b\"");
        }
    }

    @Test
    void theSecondGetsTheFailureOfTheFirstAsAStatusToo() throws Exception {
        simulator.script("fails", Script.of(Steps.gate("fail"), Steps.json(503, "{}")));
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            int before = simulator.exchanges().size();
            Future<Integer> first = threads.submit(() -> status("fails"));
            simulator.awaitExchange(before, LIMIT);
            Future<Integer> second = threads.submit(() -> status("fails"));
            Thread.sleep(50); // so that the second has attached; without, it would be the first's repetition
            simulator.open("fail");
            assertThat(first.get()).isEqualTo(503);
            assertThat(second.get()).isEqualTo(503);
        }
        assertThat(calls("fails")).isEqualTo(1);
    }

    private int status(String model) throws IOException {
        try (EventClient client = ask(model)) {
            return client.status();
        }
    }

    @Test
    void afterItsTimeTheAnswerIsGoneAndNotBilledAgain() throws Exception {
        try (EventClient first = ask("tokens-4")) {
            first.rest();
        }
        long until = System.nanoTime() + LIMIT.toNanos();
        while (status("tokens-4") == 200 && System.nanoTime() < until) Thread.sleep(50);
        try (EventClient late = ask("tokens-4")) {
            assertThat(late.status()).isEqualTo(410);
            assertThat(late.header("x-should-retry")).isEqualTo("false");
            assertThat(late.body()).contains("\"code\":\"stream_expired\"");
        }
        assertThat(calls("tokens-4")).isEqualTo(1);
    }
}
