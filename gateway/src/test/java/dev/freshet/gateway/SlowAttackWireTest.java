package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Five hundred attackers of each of three kinds (`slowhttptest`) against a gateway in a process of its own: those that
/// send a head, or a body, a little every second, and those that read so. Beside them a hundred honest streams.
@Tag("program")
class SlowAttackWireTest {
    private static final int ATTACKERS = 500;
    private static final int HONEST = 100;
    private static final Duration BETWEEN_TOKENS = Duration.ofMillis(50);
    private static final Duration ALONE = Duration.ofSeconds(4);
    private static final Duration ATTACK = Duration.ofSeconds(20);
    private static final long GENEROUS_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Pattern TOKEN = Pattern.compile("\"content\":\"(\\d+) (\\d+)");
    private static final String LIMITS = "{head_timeout: 2s, body_timeout: 2s, write_timeout: 2s}";

    @TempDir
    Path folder;

    /// A token that came: when, by [System#nanoTime], and how long after it was said.
    private record Token(long at, long delay) {}

    private static InetSocketAddress free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    /// Says numbers, each with the time that it is said at, until it is told to stop.
    private static Script numbers(AtomicBoolean stop) {
        return _ -> {
            Stream<Step> tokens = Stream.iterate(1, _ -> !stop.get(), number -> number + 1)
                    .flatMap(number ->
                            Stream.of(Steps.text(number + " " + System.nanoTime() + " "), Steps.pause(BETWEEN_TOKENS)));
            Stream<Step> end = Stream.of(Steps.done(), Steps.lastChunk());
            return Stream.concat(Stream.of(Steps.head()), Stream.concat(tokens, end))
                    .iterator();
        };
    }

    private GatewayProcess gateway(InetSocketAddress address, Simulator simulator) throws IOException {
        return GatewayProcess.start(Files.writeString(
                folder.resolve("freshet.yaml"), """
                listen: {port: %d}
                providers: {up: {base_url: "%s"}}
                models: {"*": {targets: [{provider: up}]}}
                limits: %s
                """.formatted(address.getPort(), simulator.baseUri(), LIMITS)));
    }

    @Test
    void attackersAreGoneAfterTheirLimitAndHonestStreamsLoseNothing() throws Exception {
        InetSocketAddress address = free();
        AtomicBoolean stop = new AtomicBoolean();
        try (Simulator simulator =
                        Simulator.builder().script("numbers", numbers(stop)).start();
                GatewayProcess _ = gateway(address, simulator);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Token>>> honest = new ArrayList<>();
            for (int i = 0; i < HONEST; i++) honest.add(threads.submit(() -> reads(address)));
            Eventually.is(() -> Sockets.held(address) == HONEST);
            long calm = System.nanoTime();
            Thread.sleep(ALONE);
            long attacked = System.nanoTime();
            long relieved;
            try {
                relieved = attack(address);
                assertThat(Sockets.held(address)).isEqualTo(HONEST);
            } finally {
                stop.set(true);
            }
            List<Token> all = new ArrayList<>();
            for (Future<List<Token>> one : honest) all.addAll(one.get());
            report("alone", all, calm, attacked);
            report("beside attackers", all, attacked, relieved);
            assertThat(percentile(all, calm, attacked, 99)).isLessThan(GENEROUS_NANOS);
            assertThat(percentile(all, attacked, relieved, 99)).isLessThan(GENEROUS_NANOS);
        }
    }

    /// Attacks in three ways at once, and waits until none of it is left.
    ///
    /// @return when that was
    private long attack(InetSocketAddress gateway) throws Exception {
        String url = "http://127.0.0.1:" + gateway.getPort();
        long begun = System.nanoTime();
        List<Process> attackers = List.of(
                slow("-H", "-u", url + "/v1/models"),
                slow("-B", "-s", "100000", "-f", "application/json", "-u", url + "/v1/chat/completions"),
                slow("-X", "-w", "512", "-y", "1024", "-n", "1", "-z", "5", "-u", url + "/chat/vendor/temml.mjs"));
        try {
            int most = 0;
            long last = begun;
            for (int held = HONEST; most < HONEST + ATTACKERS || held > HONEST; held = Sockets.held(gateway)) {
                assertThat(System.nanoTime() - begun)
                        .as("%d connections, %d at most", held, most)
                        .isLessThan(ATTACK.toNanos());
                if (held > most) last = System.nanoTime();
                most = Math.max(most, held);
                Thread.sleep(20);
            }
            long relieved = System.nanoTime();
            System.out.printf(
                    Locale.ROOT,
                    "%d connections at most, %.1f s after the first; none of an attacker %.1f s later%n",
                    most,
                    (last - begun) / 1e9,
                    (relieved - last) / 1e9);
            return relieved;
        } finally {
            for (Process one : attackers) one.destroyForcibly().waitFor();
        }
    }

    /// Attackers that would go on for ever.
    private Process slow(String kind, String... more) throws IOException {
        String each = String.valueOf(ATTACKERS);
        List<String> command =
                new ArrayList<>(List.of("slowhttptest", kind, "-c", each, "-r", each, "-i", "1", "-l", "600"));
        command.addAll(Arrays.asList(more));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said(kind).toFile())
                .start();
    }

    private Path said(String kind) {
        return folder.resolve("slow" + kind + ".txt");
    }

    private static List<Token> reads(InetSocketAddress gateway) throws IOException {
        List<Token> tokens = new ArrayList<>();
        try (EventClient client = EventClient.post(gateway, StreamsWireTest.body("numbers"))) {
            boolean done = false;
            for (Event event = client.next(); event != null; event = client.next()) {
                done = event.data().equals("[DONE]");
                Matcher token = TOKEN.matcher(event.data());
                if (!token.find()) continue;
                long now = System.nanoTime();
                assertThat(Integer.parseInt(token.group(1))).isEqualTo(tokens.size() + 1);
                tokens.add(new Token(now, now - Long.parseLong(token.group(2))));
            }
            assertThat(done).isTrue();
        }
        return tokens;
    }

    private static long percentile(List<Token> tokens, long from, long to, int percent) {
        long[] delays = tokens.stream()
                .filter(token -> token.at() >= from && token.at() < to)
                .mapToLong(Token::delay)
                .sorted()
                .toArray();
        return delays[(delays.length - 1) * percent / 100];
    }

    private static void report(String when, List<Token> tokens, long from, long to) {
        long count = tokens.stream()
                .filter(token -> token.at() >= from && token.at() < to)
                .count();
        System.out.printf(
                Locale.ROOT,
                "%s: %d tokens, delays p50 %.2f ms, p99 %.2f ms, most %.2f ms%n",
                when,
                count,
                percentile(tokens, from, to, 50) / 1e6,
                percentile(tokens, from, to, 99) / 1e6,
                percentile(tokens, from, to, 100) / 1e6);
    }
}
