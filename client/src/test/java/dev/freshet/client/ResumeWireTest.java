package dev.freshet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.Gateway;
import dev.freshet.simulator.Cutter;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Toward a Freshet gateway: what a lost connection costs.
class ResumeWireTest {
    private static final Retry QUICK =
            new Retry(20, Duration.ofMillis(1), Duration.ofMillis(20), Retry.DEFAULT.statuses());
    private static final int STREAMS = Integer.getInteger("streams", 10_000);

    @TempDir
    Path folder;

    private Simulator simulator;
    private Gateway gateway;

    @BeforeEach
    void start() throws IOException {
        simulator = Simulator.builder().recording(true).start();
        gateway = Gateways.before(simulator.baseUri().toString(), folder, 0, "first_token: 10s, idle: 2s", "");
    }

    @AfterEach
    void stop() {
        gateway.close();
        simulator.close();
    }

    private static String counted(int tokens) {
        return IntStream.rangeClosed(1, tokens).mapToObj(i -> i + " ").collect(Collectors.joining());
    }

    @Test
    void aLostConnectionLosesNothingAndRepeatsNothing() throws Exception {
        List<ChatState> states = new ArrayList<>();
        try (Cutter network = new Cutter(gateway.address(), () -> 1_500);
                FreshetClient client = FreshetClient.of(network.url() + "/v1", "")) {
            ChatOptions options = ChatOptions.DEFAULT.retry(QUICK);
            try (ChatStream stream = client.stream(ChatRequest.of("tokens-40", "count"), options, states::add)) {
                StringBuilder text = new StringBuilder();
                stream.text().forEach(text::append);
                assertThat(text.toString()).isEqualTo(counted(40));
                Answer answer = stream.answer();
                assertThat(answer.attempts()).hasSize(1);
                assertThat(answer.usage()).isNotNull();
                assertThat(answer.completionTokens()).isEqualTo(40);
                assertThat(answer.streamId()).isNotEmpty();
                assertThat(answer.state()).containsEntry("state", "completed");
            }
            assertThat(network.cuts()).isPositive();
        }
        assertThat(states).hasAtLeastOneElementOfType(ChatState.Reconnecting.class);
        assertThat(states).hasAtLeastOneElementOfType(ChatState.Resumed.class);
        assertThat(simulator.exchanges()).as("asked and billed once").hasSize(1);
    }

    /// The fate of one stream: what the provider does after some tokens.
    private enum Up {
        NOTHING,
        STALL,
        RESET,
        NO_DONE,
        ERROR_EVENT,
        REFUSAL
    }

    private record Fate(Up up, int tokens, int given, boolean slow) {
        static Fate drawn(long seed, int number) {
            Random random = new Random(seed + 1_000_003L * number);
            Up up = random.nextInt(3) > 0 ? Up.NOTHING : Up.values()[random.nextInt(Up.values().length)];
            int tokens = 1 + random.nextInt(40);
            int given = up == Up.NOTHING ? tokens : up == Up.REFUSAL ? 0 : random.nextInt(tokens);
            return new Fate(up, tokens, given, random.nextInt(4) == 0);
        }

        List<Step> steps() {
            if (up == Up.REFUSAL) return List.of(Steps.json(500, "{}"), new Step.End());
            List<Step> steps = new ArrayList<>();
            steps.add(Steps.head());
            for (int i = 1; i <= given; i++) {
                if (slow) steps.add(Steps.pause(Duration.ofMillis(2)));
                steps.add(Steps.text(i + " "));
            }
            switch (up) {
                case NOTHING -> steps.addAll(List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk()));
                case STALL -> steps.add(Steps.hang());
                case RESET -> steps.addAll(List.of(Steps.pause(Duration.ofMillis(20)), Steps.reset()));
                case NO_DONE -> steps.add(Steps.lastChunk());
                default -> steps.addAll(List.of(Steps.event("{\"error\":{\"message\":\"m\"}}"), Steps.lastChunk()));
            }
            return Step.complete(steps);
        }
    }

    @Test
    void aStormOfFaultsOnBothSidesLosesAndRepeatsNothing() throws Exception {
        long seed = Long.getLong("seed", ThreadLocalRandom.current().nextLong(1_000_000));
        System.out.printf("storm of %d streams through the client: -Dseed=%d%n", STREAMS, seed);
        simulator.script(
                "storm",
                call -> Fate.drawn(seed, Integer.parseInt(call.prompt()))
                        .steps()
                        .iterator());
        Random cutting = new Random(seed);
        long tokens = 0;
        try (Cutter network = new Cutter(gateway.address(), () -> budget(cutting));
                FreshetClient client = FreshetClient.builder(network.url() + "/v1")
                        .options(ChatOptions.DEFAULT.retry(QUICK).idle(Duration.ofSeconds(10)))
                        .build();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Semaphore places = new Semaphore(200);
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                int number = i;
                places.acquire();
                running.add(threads.submit(() -> {
                    try {
                        return stormy(client, number, Fate.drawn(seed, number));
                    } finally {
                        places.release();
                    }
                }));
            }
            for (Future<Integer> one : running) tokens += one.get(120, TimeUnit.SECONDS);
            assertThat(client.running()).isZero();
            System.out.printf("storm: %d tokens, 0 lost, 0 repeated, %d connections cut%n", tokens, network.cuts());
            assertThat(network.cuts()).isGreaterThan(STREAMS / 10);
        }
    }

    private static int budget(Random random) {
        synchronized (random) {
            return 1 + random.nextInt(random.nextInt(3) == 0 ? 60_000 : 12_000);
        }
    }

    private static int stormy(FreshetClient client, int number, Fate fate) {
        StringBuilder text = new StringBuilder();
        boolean completed = false;
        try (ChatStream stream = client.stream(ChatRequest.of("storm", String.valueOf(number)))) {
            stream.text().forEach(text::append);
            completed = stream.answer().ending() == Answer.Ending.COMPLETED;
        } catch (ChatException e) {
            assertThat(e.text()).as("%d %s: %s", number, fate, e).isEqualTo(text.toString());
            assertThat(fate.up()).as("%d %s: %s", number, fate, e).isNotEqualTo(Up.NOTHING);
        }
        String whole = counted(fate.given());
        if (fate.up() == Up.NOTHING) {
            assertThat(completed).as("%d %s", number, fate).isTrue();
            assertThat(text.toString()).as("%d %s", number, fate).isEqualTo(whole);
        } else {
            assertThat(completed)
                    .as("a failure that looks like success: %d %s", number, fate)
                    .isFalse();
            // A provider's reset may overtake its own last tokens.
            if (fate.up() == Up.RESET) assertThat(whole).startsWith(text.toString());
            else assertThat(text.toString()).as("%d %s", number, fate).isEqualTo(whole);
        }
        return fate.given();
    }

    @Test
    void aGatewayThatRestartsIsWaitedForAndNothingThatCameIsLost() throws Exception {
        gateway.close();
        String disk = "streams: {store: disk}\nlimits: {drain: 100ms}";
        Path own = folder.resolve("disk");
        simulator.script(
                "slow", Script.of(Steps.head(), Steps.text("1 "), Steps.text("2 "), Steps.gate("never"), Steps.hang()));
        gateway = Gateways.before(simulator.baseUri().toString(), own, 0, "first_token: 10s, idle: 60s", disk);
        int port = gateway.address().getPort();
        ConcurrentLinkedQueue<ChatState> states = new ConcurrentLinkedQueue<>();
        ChatOptions options = ChatOptions.DEFAULT.retry(
                new Retry(60, Duration.ofMillis(100), Duration.ofMillis(100), Retry.DEFAULT.statuses()));
        try (FreshetClient client = FreshetClient.of(Gateways.base(gateway), "");
                ChatStream stream = client.stream(ChatRequest.of("slow", "count"), options, states::add)) {
            var texts = stream.text().iterator();
            assertThat(texts.next()).isEqualTo("1 ");
            assertThat(texts.next()).isEqualTo("2 ");
            gateway.close();
            gateway = Gateways.before(simulator.baseUri().toString(), own, port, "first_token: 10s, idle: 60s", disk);
            assertThatThrownBy(texts::hasNext).isInstanceOfSatisfying(ChatException.class, failure -> {
                assertThat(failure.code()).isIn("stream_interrupted", "stream_cancelled");
                assertThat(failure.text()).isEqualTo("1 2 ");
            });
        }
        assertThat(states).hasAtLeastOneElementOfType(ChatState.Reconnecting.class);
    }

    @Test
    void stoppingStopsTheProviderAndSaysWhatWasSpent() throws Exception {
        try (FreshetClient client = FreshetClient.of(Gateways.base(gateway), "")) {
            ChatOptions options = ChatOptions.DEFAULT.stopWhen((text, tokens) -> tokens == 50);
            Answer answer = client.ask(ChatRequest.of("tokens-5000-at-500", "count"), options);
            assertThat(answer.ending()).isEqualTo(Answer.Ending.STOPPED);
            assertThat(answer.text()).isEqualTo(counted(50));
            assertThat(answer.state()).containsEntry("state", "cancelled");
            assertThat(answer.usage()).isNotNull();
            assertThat(answer.usage().estimated()).isTrue();
        }
        simulator.awaitExchange(0, Duration.ofSeconds(5)).await(Exchange.State.CANCELLED, Duration.ofSeconds(5));
    }
}
