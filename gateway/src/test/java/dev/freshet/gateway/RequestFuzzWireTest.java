package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.dialect.openai.Requests;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever bytes a client sends: it is answered or let go, never with an error of ours, and nothing is left behind
/// (docs/decisions/0003).
class RequestFuzzWireTest {
    private static final int ROUNDS = 1_000;
    private static final int AT_ONCE = 100;
    private static final String KEY = "fuzz-key-of-thirty-two-characters";
    private static final Pattern OURS = Pattern.compile("(?m)^HTTP/1\\.1 5|\"code\":\"internal\"");
    private static final List<String> HTTP = List.of(
            "\r\n",
            "\n",
            "\r",
            " ",
            "\t",
            ":",
            ": ",
            "\r\n\r\n",
            "\u0000",
            "\u00ff",
            "/",
            "?",
            "%2e",
            "%00",
            "#",
            "*",
            ";",
            ",",
            "HTTP/1.1",
            "HTTP/1.0",
            "HTTP/2.0",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET ",
            "POST ",
            "OPTIONS ",
            "DELETE ",
            "HEAD ",
            "Host: localhost\r\n",
            "Host: \r\n",
            "Content-Length: 5\r\n",
            "Content-Length: -1\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Expect: 100-continue\r\n",
            "Connection: close\r\n",
            "Connection: upgrade\r\nUpgrade: h2c\r\n",
            "Last-Event-ID: x-7\r\n",
            "Freshet-Ids: 1\r\n",
            "Freshet-Grace: 99999999h\r\n",
            "Idempotency-Key: k\r\n",
            "Origin: null\r\n",
            "0\r\n\r\n",
            "5\r\nhello\r\n",
            "ffffffffffffffff\r\n");
    private static final List<String> JSON = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\\u0000",
            "\\ud83d",
            "null",
            "true",
            "1e999",
            "-0",
            "{\"",
            "\":",
            "\"stream\":true,",
            "\"max_tokens\":9999999999,",
            "\"model\":\"m\",",
            "\"freshet\":{},",
            "\"freshet\":{\"guard\":{\"add\":[{\"id\":\"r\",\"repeat\":{}}]}},",
            "\"messages\":[],",
            "\"messages\":{},",
            "[".repeat(600),
            "{\"a\":".repeat(600),
            "\ud83d\ude00",
            "\u0000",
            "\u00ff",
            "\"models\":[\"*\"],",
            "\"expires_in\":1,");
    private static final String CHAT = "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
            + "\"max_tokens\":5,\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\","
            + "\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}],\"freshet\":{\"guard\":{\"add\":[{\"id\":\"c\",\"contains\":"
            + "[\"never\"]}]}},\"temperature\":0.5}";
    private static final String TOKEN =
            "{\"models\":[\"m\"],\"origin\":\"https://app.example.com\"," + "\"budget\":\"0.5usd\",\"expires_in\":600}";

    private static Simulator simulator;
    private static Gateway gateway;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        simulator = Simulator.builder().start();
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        String hash = HexFormat.of().formatHex(digest.digest(KEY.getBytes(StandardCharsets.UTF_8)));
        String yaml = """
                listen: {port: 0, cors: ["https://app.example.com"]}
                data: %s
                access: keys
                keys: [{name: fuzz, hash: "%s", owner: fuzz}]
                providers: {up: {base_url: "%s"}}
                models: {m: {targets: [{provider: up, model: tokens-3}]}}
                limits: {body: 16KiB, header: 2KiB, head_timeout: 500ms, body_timeout: 500ms, streams_per_key: 1000}
                """.formatted(folder, hash, simulator.baseUri());
        gateway = Gateway.start(
                ConfigFile.parse(yaml, folder.resolve("freshet.yaml").toString(), new Environment(Map.of())), null);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        simulator.close();
    }

    private static String request(String head, String body) {
        return head + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + KEY + "\r\n"
                + "Content-Type: application/json\r\nContent-Length: "
                + body.getBytes(StandardCharsets.ISO_8859_1).length + "\r\n\r\n" + body;
    }

    private static List<String> requests() {
        String chat = request("POST /v1/chat/completions", CHAT);
        return List.of(
                chat,
                request("POST /v1/tokens", TOKEN),
                request("GET /v1/models", "") + request("GET /v1/usage?savings=1", ""),
                request("GET /v1/streams/0123456789abcdefghijkl/events", ""),
                request("DELETE /v1/streams/0123456789abcdefghijkl", ""),
                request("OPTIONS /v1/chat/completions", ""),
                chat.replaceFirst("Content-Length: \\d+", "Transfer-Encoding: chunked")
                        .replace(CHAT, Integer.toHexString(CHAT.length()) + "\r\n" + CHAT + "\r\n0\r\n\r\n"));
    }

    @Test
    @Timeout(300)
    void changedBytesOfRequestsAreAnsweredOrLetGo() throws Exception {
        Random random = Mutations.random("changedBytesOfRequests");
        Mutations mutations = new Mutations(random, HTTP);
        List<String> right = requests();
        nothingOfOurs(Stream.generate(() -> latin(mutations.of(bytes(right.get(random.nextInt(right.size())))))));
    }

    @Test
    @Timeout(300)
    void changedBodiesAreAnswered() throws Exception {
        Random random = Mutations.random("changedBodies");
        Mutations mutations = new Mutations(random, JSON);
        nothingOfOurs(Stream.generate(() -> random.nextBoolean()
                ? request("POST /v1/chat/completions", latin(mutations.of(bytes(CHAT))))
                : request("POST /v1/tokens", latin(mutations.of(bytes(TOKEN))))));
    }

    /// Runs over its seeds; guided by coverage with `JAZZER_FUZZ=1 mvn -pl gateway -am test -Djazzer.hooks=true
    /// -Dtest='RequestFuzzWireTest#guided*'`.
    @MethodSource("bodies")
    @FuzzTest(maxDuration = "60s")
    void guidedBodiesAreRequestsOrRefused(byte[] body) {
        switch (Requests.parse(body)) {
            case Requests.Parsed.Good(var request) ->
                assertThat(request.model()).isNotEmpty();
            case Requests.Parsed.Bad(var failure) ->
                assertThat(failure.message()).isNotBlank();
        }
    }

    static Stream<byte[]> bodies() {
        return Stream.of(CHAT, TOKEN, "", "[]").map(RequestFuzzWireTest::bytes);
    }

    private static void nothingOfOurs(Stream<String> inputs) throws Exception {
        List<String> all = inputs.limit(Mutations.rounds(ROUNDS)).toList();
        try (Complaints complaints = new Complaints()) {
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Semaphore places = new Semaphore(AT_ONCE);
                List<Future<?>> running = new ArrayList<>();
                for (String input : all) {
                    places.acquire();
                    running.add(threads.submit(() -> {
                        try {
                            one(input);
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
        for (String right : requests().subList(0, 2)) {
            try (Wire wire = new Wire(gateway.address())) {
                assertThat(wire.send(right).readAnsweredLatin()).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    private static void one(String input) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            wire.sendLatin(input);
            String answer = wire.readAnsweredLatin();
            Matcher ours = OURS.matcher(answer);
            assertThat(ours.find()).as("%s%n---%n%s", input, answer).isFalse();
        } catch (SocketTimeoutException e) {
            throw new AssertionError("neither answered nor let go:\n" + input, e);
        } catch (SocketException e) {
            // It was let go while it still sent.
        }
    }

    private static String metrics() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            return wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + KEY
                            + "\r\nConnection: close\r\n\r\n")
                    .readAll();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
