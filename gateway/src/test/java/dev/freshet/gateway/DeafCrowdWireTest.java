package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that do not read while their providers pour: memory stays within its limit. The gateway is a
/// process of its own, with so little memory that more than the limit would kill it.
class DeafCrowdWireTest {
    private static final int CLIENTS = 1_000;
    private static final long MAX_MEMORY = 64L << 20;
    private static final String JVM = "-Xmx224m -XX:MaxDirectMemorySize=128m -XX:+ExitOnOutOfMemoryError";
    private static final Pattern LOGS = Pattern.compile("(?m)^freshet_log_memory (\\S+)$");
    private static final Pattern RUNNING = Pattern.compile("(?m)^freshet_exchanges_running (\\S+)$");

    @TempDir
    Path folder;

    private static double metric(InetSocketAddress gateway, Pattern name) throws IOException {
        try (Wire wire = new Wire(gateway)) {
            String all = wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    .readAll();
            Matcher matcher = name.matcher(all);
            assertThat(matcher.find()).as("%s in %s", name, all).isTrue();
            return Double.parseDouble(matcher.group(1));
        }
    }

    private static InetSocketAddress free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    @Test
    void aThousandClientsThatDoNotReadStayWithinTheMemoryOfAllLogs() throws Exception {
        InetSocketAddress gateway = free();
        List<EventClient> clients = new ArrayList<>();
        Step much = Steps.text("x".repeat(2_000));
        try (Simulator simulator = Simulator.builder()
                .script(
                        "pours",
                        _ -> Stream.concat(
                                        Stream.of(Steps.head(), Steps.text("a"), Steps.gate("all are here")),
                                        Stream.generate(() -> much))
                                .iterator())
                .start()) {
            Path config = Files.writeString(
                    folder.resolve("freshet.yaml"), """
                    listen: {port: %d}
                    providers: {up: {base_url: "%s"}}
                    models: {"*": {targets: [{provider: up}]}}
                    streams: {max_memory: 64MiB}
                    """.formatted(gateway.getPort(), simulator.baseUri()));
            try (GatewayProcess process = GatewayProcess.start(config, Map.of("JAVA_TOOL_OPTIONS", JVM));
                    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<EventClient>> coming = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    coming.add(threads.submit(
                            () -> EventClient.smallPost(gateway, StreamsWireTest.body("pours"), "Freshet-Grace: 30s")));
                }
                for (Future<EventClient> one : coming) clients.add(one.get());
                assertThat(clients)
                        .allSatisfy(client -> assertThat(client.status()).isEqualTo(200));
                simulator.open("all are here");
                double most = 0;
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
                while (metric(gateway, RUNNING) > 0) {
                    assertThat(System.nanoTime()).as("all streams end").isLessThan(end);
                    most = Math.max(most, metric(gateway, LOGS));
                }
                System.out.printf(
                        "%d clients that do not read: all logs took %.3f MiB at most, of 64; the process lives with %s%n",
                        CLIENTS, most / (1 << 20), JVM);
                // Two streams may begin in the same moment, one on each loop.
                assertThat(most).isLessThanOrEqualTo(MAX_MEMORY + 2 * 4096);
                // What they hold is full of what they do not read, so that others are asked to wait until they go.
                for (EventClient client : clients) client.close();
                Eventually.is(() -> {
                    try (EventClient another = EventClient.post(gateway, StreamsWireTest.body("tokens-3"))) {
                        return StreamsWireTest.text(another.rest()).equals("1 2 3 ");
                    }
                });
                process.kill();
            }
        } finally {
            for (EventClient client : clients) client.close();
        }
    }
}
