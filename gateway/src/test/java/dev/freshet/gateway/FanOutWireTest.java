package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;

/// One stream and very many readers of it, on all event loops.
class FanOutWireTest {
    private static final int READERS = 1_000;
    private static final int TOKENS = 60;
    /// What is there before the readers come: more than the kernel holds for who does not read.
    private static final int HISTORY = 75;

    private static final int HISTORY_BYTES = 80_000;
    private static final int TOKEN_BYTES = 400;
    private static final Duration PACE = Duration.ofMillis(100);

    private final Simulator simulator;
    private final Gateway gateway;
    private final InetSocketAddress at;

    FanOutWireTest() throws IOException {
        simulator = Simulator.builder().start();
        String yaml = """
                listen: {port: 0}
                providers: {up: {base_url: "UPSTREAM"}}
                models: {"*": {targets: [{provider: up}]}}
                limits: {readers_per_stream: 1100}
                """.replace("UPSTREAM", simulator.baseUri().toString());
        gateway = Gateways.withOwners(yaml);
        at = gateway.address();
    }

    /// Delays in milliseconds, of all tokens at all readers.
    private record Delays(double median, double p99) {
        static Delays of(List<long[]> nanos) {
            long[] all = nanos.stream().flatMapToLong(Arrays::stream).sorted().toArray();
            return new Delays(all[all.length / 2] / 1e6, all[(int) (all.length * 0.99)] / 1e6);
        }

        @Override
        public String toString() {
            return String.format("median %.1f ms, p99 %.1f ms", median, p99);
        }
    }

    @Test
    void aThousandReadersGetEverythingAndOneThatDoesNotReadHoldsUpNobody() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        try (simulator;
                gateway) {
            Delays all = run("all-read", false, new Random(seed));
            Delays others = run("one-does-not", true, new Random(seed));
            System.out.printf(
                    "seed %d: %d readers of one stream: %s; beside one that does not read: %s%n",
                    seed, READERS, all, others);
            // Generous: the machine may be busy. What would be held up would be held up for seconds.
            assertThat(others.median()).isLessThan(3 * all.median() + 50);
            assertThat(others.p99()).isLessThan(3 * all.p99() + 200);
        }
    }

    private Delays run(String model, boolean oneDoesNotRead, Random random) throws Exception {
        AtomicLongArray sent = new AtomicLongArray(TOKENS + 1);
        simulator.script(model, paced(sent));
        String cursor = "/events?last_event_id=";
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                EventClient first =
                        EventClient.post(at, StreamsWireTest.body(model), "Freshet-Ids: 1", "Freshet-Grace: 1m")) {
            String path = "/v1/streams/" + first.stream();
            for (int i = 0; i < HISTORY; i++) first.next();
            CountDownLatch joined = new CountDownLatch(READERS - 1);
            List<Future<long[]>> readers = new ArrayList<>();
            for (int i = 0; i < READERS - 1; i++) {
                readers.add(threads.submit(() -> read(path + cursor + (HISTORY - 1), HISTORY - 1, joined, sent)));
            }
            joined.await();
            EventClient deaf = oneDoesNotRead ? EventClient.small(at, path + cursor + "0") : null;
            simulator.open(model);
            threads.submit(first::rest);
            List<long[]> delays = new ArrayList<>();
            List<Future<long[]>> late = oneDoesNotRead ? joinLate(path + cursor, threads, random) : List.of();
            for (Future<long[]> reader : late) reader.get();
            for (Future<long[]> reader : readers) delays.add(reader.get());
            if (deaf != null) {
                long buffered = ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                        .metric()
                        .usedDirectMemory();
                System.out.printf("direct memory with one that does not read: %d MB%n", buffered >> 20);
                assertThat(buffered).isLessThan(128L << 20);
                // It has lost nothing either.
                assertThat(deaf.rest()).hasSize(HISTORY + TOKENS + 2);
                deaf.close();
            }
            return Delays.of(delays);
        }
    }

    private Script paced(AtomicLongArray sent) {
        return call -> {
            List<Step> steps = new ArrayList<>(List.of(Steps.head()));
            for (int i = 0; i < HISTORY; i++) steps.add(Steps.text("h".repeat(HISTORY_BYTES)));
            steps.add(Steps.gate(call.model()));
            for (int i = 1; i <= TOKENS; i++) {
                steps.add(Steps.pause(PACE));
                steps.add(Steps.text(i + "x".repeat(TOKEN_BYTES)));
            }
            steps.addAll(List.of(Steps.done(), Steps.lastChunk(), new Step.End()));
            Iterator<Step> each = steps.iterator();
            return new Iterator<>() {
                private int token = -HISTORY;

                @Override
                public boolean hasNext() {
                    return each.hasNext();
                }

                // A step is asked for when the one before is done: a token's pause has passed when it is
                // asked for.
                @Override
                public Step next() {
                    Step step = each.next();
                    if (step instanceof Step.Send) {
                        if (token > 0 && token <= TOKENS) sent.set(token, System.nanoTime());
                        token++;
                    }
                    return step;
                }
            };
        };
    }

    /// Reads to the end, and checks that nothing is missing.
    ///
    /// @return how long each token took from the provider's sending it, in nanoseconds
    private long[] read(String path, long after, CountDownLatch joined, AtomicLongArray sent) throws IOException {
        List<Long> delays = new ArrayList<>();
        try (EventClient client = EventClient.get(at, path)) {
            long last = after;
            for (Event event = client.next(); event != null; event = client.next()) {
                long now = System.nanoTime();
                assertThat(event.number()).isEqualTo(++last);
                joined.countDown();
                int token = (int) event.number() - HISTORY;
                if (token >= 1 && token <= TOKENS && after == HISTORY - 1) delays.add(now - sent.get(token));
            }
            assertThat(last).isEqualTo(HISTORY + TOKENS + 2);
        }
        return delays.stream().mapToLong(Long::longValue).toArray();
    }

    /// Joins at any moment, from any cursor that is there.
    private List<Future<long[]>> joinLate(String path, ExecutorService threads, Random random) throws Exception {
        CountDownLatch nobody = new CountDownLatch(0);
        AtomicLongArray unused = new AtomicLongArray(TOKENS + 1);
        List<Future<long[]>> late = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Thread.sleep(random.nextInt((int) PACE.toMillis()));
            int cursor = random.nextInt(HISTORY - 1);
            late.add(threads.submit(() -> read(path + cursor, cursor, nobody, unused)));
        }
        return late;
    }
}
