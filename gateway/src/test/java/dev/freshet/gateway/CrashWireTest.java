package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.ReturningReaders.Owed;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` of the gateway, again and again, under running streams. The system properties `seed` and
/// `kills` set what their names say.
@Tag("program")
class CrashWireTest {
    private static final int READERS = 200;
    private static final int TOKENS = 100;
    private static final Owed ENDS = new Owed("ends", TOKENS, false, false);
    private static final Owed GOES_ON = new Owed("goes-on", TOKENS, true, false);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void nothingThatAReaderHadIsEverMissingAfterAKill() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        int kills = Integer.getInteger("kills", 50);
        Random random = new Random(seed);
        int port = freePort();
        InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        ReturningReaders readers = new ReturningReaders(at);
        try (Simulator simulator = Simulator.builder().start();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Path config = folder.resolve("freshet.yaml");
            String model = "tokens-" + TOKENS + "-at-100";
            Files.writeString(config, """
                    listen: {port: %d}
                    data: %s
                    providers: {up: {base_url: "%s", prefill: {field: prefix}, usage: never}}
                    models:
                      ends: {targets: [{provider: up, model: %s}]}
                      goes-on: {targets: [{provider: up, model: %s}], continue: prefill}
                    streams: {store: disk, keep: 10m}
                    """.formatted(port, folder, simulator.baseUri(), model, model));
            GatewayProcess gateway = GatewayProcess.start(config);
            try {
                List<? extends Future<?>> running = IntStream.range(0, READERS)
                        .mapToObj(i -> threads.submit(() -> readers.read(i % 2 == 0 ? ENDS : GOES_ON)))
                        .toList();
                for (int i = 0; i < kills; i++) {
                    Thread.sleep(400 + random.nextInt(800));
                    gateway.kill();
                    gateway = GatewayProcess.start(config);
                }
                readers.stop();
                for (Future<?> reader : running) reader.get();
            } finally {
                gateway.close();
            }
        }
        System.out.println("seed " + seed + ": " + kills + " kills under " + READERS + " readers; " + readers);
        assertThat(readers.wrong).isEmpty();
        assertThat(readers.resumed.get()).isGreaterThan((long) kills * READERS / 4);
        assertThat(readers.interrupted.get()).isPositive();
    }
}
