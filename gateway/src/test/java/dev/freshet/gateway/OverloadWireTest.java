package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Rows 50 to 52 of the failure model: a process that runs out of memory or of open files, or is told to end.
@Tag("program")
@Timeout(120)
class OverloadWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int STREAMS = 10;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    private final Simulator simulator;

    OverloadWireTest() throws IOException {
        simulator = Simulator.builder().start();
        simulator.script(
                "waits",
                Script.of(
                        Steps.head(),
                        Steps.text("a"),
                        Steps.gate("go"),
                        Steps.text("b"),
                        Steps.done(),
                        Steps.lastChunk()));
    }

    @AfterEach
    void stop() {
        simulator.close();
    }

    @AfterAll
    static void write() throws IOException {
        FailureTable.TABLE.write();
    }

    private Path config(InetSocketAddress at, String more) throws IOException {
        return Files.writeString(folder.resolve("freshet.yaml"), """
                listen: {port: %d}
                data: "%s"
                providers: {up: {base_url: "%s"}}
                models: {"*": {targets: [{provider: up}]}}
                %s
                """.formatted(
                        at.getPort(), folder.resolve("data"), simulator.baseUri(), more));
    }

    private static InetSocketAddress free() throws IOException {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), CrashWireTest.freePort());
    }

    private static List<EventClient> running(InetSocketAddress at) throws IOException {
        List<EventClient> clients = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) {
            EventClient client = EventClient.post(at, StreamsWireTest.body("waits"), "Freshet-Ids: 1");
            assertThat(client.next()).isNotNull();
            clients.add(client);
        }
        return clients;
    }

    private static void allEnd(List<EventClient> clients) throws IOException {
        for (EventClient client : clients) {
            List<String> rest = client.rest().stream().map(Event::data).toList();
            assertThat(rest.getFirst()).contains("\"b\"");
            assertThat(rest.get(1)).isEqualTo("[DONE]");
            client.close();
        }
    }

    private static int ask(InetSocketAddress at) throws IOException {
        try (EventClient client = EventClient.post(at, StreamsWireTest.body("tokens-1"))) {
            return client.status();
        }
    }

    private static int ready(InetSocketAddress at) throws IOException {
        try (EventClient client = EventClient.get(at, "/health/ready")) {
            return client.status();
        }
    }

    /// Requests whose provider says nothing hold their bodies until there is no memory for more.
    @Test
    void row50whereMemoryRunsOutNewWorkIsRefusedAndRunningStreamsGoOn() throws Exception {
        InetSocketAddress at = free();
        simulator.script("silent", Script.of(Steps.hang()));
        String large = StreamsWireTest.body("silent")
                .replace("\"messages\":[", "\"padding\":\"" + "x".repeat(1 << 20) + "\",\"messages\":[");
        assertThat(large).hasSizeGreaterThan(1 << 20);
        List<Socket> holding = new ArrayList<>();
        try (GatewayProcess process = GatewayProcess.start(config(at, ""), Map.of(), List.of("-Xmx96m"))) {
            List<EventClient> clients = running(at);
            boolean refused = false;
            for (int i = 0; i < 400 && !refused; i++) {
                Socket socket = new Socket(at.getAddress(), at.getPort());
                holding.add(socket);
                socket.setSoTimeout(50);
                byte[] request =
                        ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
                                        + "\r\nContent-Length: " + large.length() + "\r\n\r\n" + large)
                                .getBytes(StandardCharsets.US_ASCII);
                refused = said(socket, request).startsWith("HTTP/1.1 503");
            }
            assertThat(refused).as("a request is refused").isTrue();
            simulator.open("go");
            allEnd(clients);
            for (Socket socket : holding) socket.close();
            Eventually.is(() -> ready(at) == 200);
            assertThat(ask(at)).isEqualTo(200);
            process.kill();
        }
        saw(
                50,
                "memory runs out",
                "running streams go on; new ones 503 `overloaded`",
                "not asked",
                new FailureTable.Recorded("overloaded", "0"));
    }

    private static String said(Socket socket, byte[] request) throws IOException {
        try {
            socket.getOutputStream().write(request);
            byte[] answer = new byte[64];
            int count = socket.getInputStream().read(answer);
            return count < 0 ? "" : new String(answer, 0, count, StandardCharsets.US_ASCII);
        } catch (SocketTimeoutException e) {
            return "";
        }
    }

    @Test
    void row51whereOpenFilesRunOutNothingIsAcceptedAndRunningStreamsGoOn() throws Exception {
        InetSocketAddress at = free();
        List<Socket> idle = new ArrayList<>();
        try (GatewayProcess process = GatewayProcess.start(
                config(at, "limits: {head_timeout: 20s}"), Map.of(), List.of("prlimit", "--nofile=360:360"))) {
            List<EventClient> clients = running(at);
            for (int i = 0; i < 100; i++) idle.add(new Socket(at.getAddress(), at.getPort()));
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<Integer> waits = threads.submit(() -> ask(at));
                assertThatThrownBy(() -> waits.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
                simulator.open("go");
                allEnd(clients);
                for (Socket socket : idle) socket.close();
                assertThat(waits.get(LIMIT.toSeconds(), TimeUnit.SECONDS)).isEqualTo(200);
            }
            assertThat(ask(at)).isEqualTo(200);
            process.kill();
        }
        saw(
                51,
                "open files run out",
                "running streams go on; new clients wait until one goes",
                "read to the end",
                new FailureTable.Recorded("completed", "E"));
    }

    @Test
    void row52whoIsToldToEndTakesNothingNewEndsWhatItCanAndCutsTheRest() throws Exception {
        InetSocketAddress at = free();
        Files.createDirectory(folder.resolve("data"));
        Path config = config(at, "streams: {store: disk}\nlimits: {drain: 3s}");
        String id;
        String cursor;
        simulator.script("stalls", Script.of(Steps.head(), Steps.text("1 "), Steps.text("2 "), Steps.hang()));
        try (GatewayProcess process = GatewayProcess.start(config);
                EventClient cut =
                        EventClient.post(at, StreamsWireTest.body("stalls"), "Freshet-Ids: 1", "Freshet-Grace: 1m")) {
            id = cut.stream();
            cursor = String.valueOf(Objects.requireNonNull(cut.next()).id());
            cut.next();
            List<EventClient> clients = running(at);
            Thread ending = Thread.ofVirtual().start(() -> {
                try {
                    process.end(LIMIT);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            Eventually.is(() -> ready(at) == 503);
            assertThat(ask(at)).isEqualTo(503);
            simulator.open("go");
            allEnd(clients);
            assertThatThrownBy(cut::rest).isInstanceOf(IOException.class);
            ending.join();
            assertThatThrownBy(() -> new Socket(at.getAddress(), at.getPort())).isInstanceOf(ConnectException.class);
        }
        try (GatewayProcess process = GatewayProcess.start(config);
                EventClient again = EventClient.get(at, "/v1/streams/" + id + "/events", "Last-Event-ID: " + cursor)) {
            List<Event> events = again.rest();
            assertThat(StreamsWireTest.text(events.subList(0, 1))).isEqualTo("2 ");
            assertThat(events.get(1).data()).contains("\"code\":\"stream_interrupted\"");
            process.kill();
        }
        saw(
                52,
                "SIGTERM (`store: disk`)",
                "503 for what is new; what ends within `limits.drain` ends; the rest is cut, and resumes as after row 49",
                "read to the end, or dies with us",
                new FailureTable.Recorded("completed, or stream_interrupted", "E"));
    }

    private static void saw(int row, String fault, String client, String upstream, FailureTable.Recorded recorded) {
        FailureTable.TABLE.saw(row, 0, fault, client, "", new FailureTable.Upstream(upstream, "", ""), recorded);
    }
}
