package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.ReturningReaders.Owed;
import dev.freshet.simulator.Simulator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// SIGTERM and a new start, again and again, under running streams. The system properties `seed` and `restarts` set
/// what their names say.
@Tag("program")
class RestartWireTest {
    private static final int READERS = 45;
    private static final Duration DRAIN = Duration.ofSeconds(1);
    private static final Duration END_LIMIT = Duration.ofSeconds(20);
    /// 0.2 seconds: whatever has begun ends within the drain. The others take three.
    private static final Owed SHORT = new Owed("short", 20, true, true);

    private static final Owed ENDS = new Owed("ends", 300, false, false);
    private static final Owed GOES_ON = new Owed("goes-on", 300, true, false);
    private static final List<Owed> ALL = List.of(SHORT, ENDS, GOES_ON);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @Test
    void whatEndsWithinTheDrainEndsWellAndOfTheRestNothingIsLost() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        int restarts = Integer.getInteger("restarts", 20);
        Random random = new Random(seed);
        int port = CrashWireTest.freePort();
        ReturningReaders readers = new ReturningReaders(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        try (Simulator simulator = Simulator.builder().start();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Path config = Files.writeString(folder.resolve("freshet.yaml"), configuration(port, simulator));
            GatewayProcess gateway = GatewayProcess.start(config);
            try {
                List<? extends Future<?>> running = IntStream.range(0, READERS)
                        .mapToObj(i -> threads.submit(() -> readers.read(ALL.get(i % ALL.size()))))
                        .toList();
                for (int i = 0; i < restarts; i++) {
                    // A process that has just started answers late; how late, the drain is not asked.
                    long served = readers.completed.get() + READERS / ALL.size();
                    Eventually.is(() -> readers.completed.get() >= served);
                    Thread.sleep(random.nextInt(300));
                    readers.telling();
                    gateway.end(END_LIMIT);
                    gateway = GatewayProcess.start(config);
                }
                readers.stop();
                for (Future<?> reader : running) reader.get();
            } finally {
                gateway.close();
            }
        }
        System.out.println("seed " + seed + ": " + restarts + " restarts under " + READERS + " readers; " + readers);
        assertThat(readers.wrong).isEmpty();
        assertThat(readers.completed.get()).isGreaterThan((long) restarts * READERS / 3);
        assertThat(readers.resumed.get()).isGreaterThan((long) restarts * READERS / 3);
        assertThat(readers.interrupted.get()).isPositive();
    }

    private String configuration(int port, Simulator simulator) {
        StringBuilder models = new StringBuilder();
        for (Owed owed : ALL) {
            models.append("  %s: {targets: [{provider: up, model: tokens-%d-at-100}], continue: %s}\n"
                    .formatted(owed.model(), owed.tokens(), owed.goesOn() ? "prefill" : "never"));
        }
        return """
                listen: {port: %d}
                data: %s
                providers: {up: {base_url: "%s", prefill: {field: prefix}, usage: never}}
                streams: {store: disk, keep: 10m}
                limits: {drain: %ds}
                models:
                """.formatted(port, folder, simulator.baseUri(), DRAIN.toSeconds()) + models;
    }
}
