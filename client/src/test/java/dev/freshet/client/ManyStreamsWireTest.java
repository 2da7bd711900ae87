package dev.freshet.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Many streams at once in one process, half of them read by virtual threads, half heard by listeners.
class ManyStreamsWireTest {
    private static final int STREAMS = 5_000;
    private static final int SECONDS = 120;
    private static final long MOST_BYTES = STREAMS * 64L * 1024;
    /// The client's own workers and its selector, the timer, and those that carry virtual threads.
    private static final int MOST_THREADS = Math.max(8, 2 * Runtime.getRuntime().availableProcessors())
            + 2
            + Runtime.getRuntime().availableProcessors() * 2
            + 4;

    private final AtomicInteger waiting = new AtomicInteger(STREAMS);

    private static long memory() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) { // what waits for a reference handler goes with the next collection
            System.gc();
            Thread.sleep(50);
            long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                    .mapToLong(BufferPoolMXBean::getMemoryUsed)
                    .sum();
            least = Math.min(
                    least,
                    direct
                            + ManagementFactory.getMemoryMXBean()
                                    .getHeapMemoryUsage()
                                    .getUsed());
        }
        return least;
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    @Test
    void fiveThousandStreamsTakeAFewThreadsAndLittleMemory() throws Exception {
        ChatOptions patient = ChatOptions.DEFAULT.idle(Duration.ofSeconds(SECONDS));
        try (SimulatorProcess simulator = new SimulatorProcess();
                FreshetClient client =
                        FreshetClient.builder(simulator.base()).options(patient).build();
                ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            client.ask(ChatRequest.of("tokens-3", "warm"));
            long memory = memory();
            int threads = threads();
            List<CompletableFuture<String>> texts = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++)
                texts.add(i % 2 == 0 ? heard(client) : CompletableFuture.supplyAsync(() -> read(client), readers));
            Eventually.is("each stream has its first token", () -> waiting.get() == 0);
            assertThat(client.running()).isEqualTo(STREAMS);
            long held = memory() - memory;
            int grown = threads() - threads;
            System.out.printf(
                    "%,d streams at once: %.1f KiB each, %d threads more than for none%n",
                    STREAMS, held / 1024.0 / STREAMS, grown);
            simulator.release();
            for (CompletableFuture<String> text : texts)
                assertThat(text.get(SECONDS, TimeUnit.SECONDS)).isEqualTo("1 2 3 ");
            assertThat(held).as("bytes for all streams").isLessThan(MOST_BYTES);
            assertThat(grown).as("threads").isLessThanOrEqualTo(MOST_THREADS);
            Eventually.is("no call is left", () -> client.running() == 0);
            Eventually.is("no timer is left", () -> Timer.waiting() == 0);
        }
    }

    private CompletableFuture<String> heard(FreshetClient client) {
        return client.start(ChatRequest.of("held", "count"), new ChatListener() {
                    private boolean began;

                    @Override
                    public void onChunk(Chunk chunk) {
                        if (!began) waiting.decrementAndGet();
                        began = true;
                    }
                })
                .answer()
                .thenApply(Answer::text);
    }

    private String read(FreshetClient client) {
        StringBuilder text = new StringBuilder();
        try (ChatStream stream = client.stream(ChatRequest.of("held", "count"))) {
            for (String piece : stream.text()) {
                if (text.isEmpty()) waiting.decrementAndGet();
                text.append(piece);
            }
        }
        return text.toString();
    }
}
