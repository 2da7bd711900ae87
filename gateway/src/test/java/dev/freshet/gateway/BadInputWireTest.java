package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a client does wrong, and the error of the contract that it gets. Nothing of it reaches a provider:
/// there is none.
class BadInputWireTest {
    private static final String CONFIG = """
            listen: {port: 0, names: [gateway.lan], cors: ["https://app.example.com"]}
            providers: {nowhere: {base_url: "http://127.0.0.1:9/v1"}}
            models: {m: {targets: [{provider: nowhere}]}}
            limits: {body: 1KiB, header: 2KiB, head_timeout: 300ms, body_timeout: 300ms}
            """;

    private static Gateway gateway;

    @BeforeAll
    static void start() throws IOException {
        gateway = Gateway.start(config(CONFIG), null);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static Config config(String yaml) {
        return ConfigFile.parse(yaml, "freshet.yaml", new Environment(Map.of()));
    }

    private static String answer(String request) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            return wire.send(request.replace("\n", "\r\n")).readAll();
        }
    }

    private static String posted(String body, String... headers) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            return wire.post(body, headers).readResponse();
        }
    }

    private static void assertError(String answer, int status, String code, String words) {
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(answer)
                .contains("\"code\":\"" + code + "\"")
                .contains("\"message\":")
                .contains(words);
        assertThat(answer).containsIgnoringCase("\r\nx-request-id: ").contains("content-type: application/json");
        assertThat(answer).doesNotContain("Exception").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"model":"m",              | 400 | invalid_request | not JSON
            []                         | 400 | invalid_request | not a JSON object
            {"model":"m","model":"m"}  | 400 | invalid_request | "param":"model"
            {"messages":[]}            | 400 | invalid_request | "param":"model"
            {"model":"nobody"}         | 404 | unknown_model   | GET /v1/models
            {"model":"m","stream":1}   | 400 | invalid_request | "param":"stream"
            """)
    void aBadBody(String body, int status, String code, String words) throws IOException {
        assertError(posted(body), status, code, words);
    }

    @Test
    void aBodyOverTheLimitByItsLength() throws IOException {
        assertError(
                posted("{\"model\":\"m\",\"x\":\"" + "y".repeat(2000) + "\"}"), 413, "body_too_large", "1024 bytes");
    }

    @Test
    void aBodyOverTheLimitInChunks() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            wire.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n");
            String chunk = "200\r\n" + "y".repeat(0x200) + "\r\n";
            assertError(wire.send(chunk.repeat(4)).readResponse(), 413, "body_too_large", "limits.body");
        }
    }

    /// The client is still sending when the answer comes, and must see it, not a reset.
    @Test
    void anEarlyRefusalIsSeenByAClientThatGoesOnSending() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            wire.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 4000000\r\n\r\n");
            for (int i = 0; i < 40; i++) wire.send("y".repeat(100_000));
            assertError(wire.readResponse(), 413, "body_too_large", "send less");
        }
    }

    @Test
    void aHeadOverTheLimit() throws IOException {
        String header = "X-Long: " + "y".repeat(3000);
        assertError(
                answer("GET /v1/models HTTP/1.1\nHost: localhost\n" + header + "\n\n"),
                431,
                "head_too_large",
                "headers");
        assertError(
                answer("GET /" + "y".repeat(9000) + " HTTP/1.1\nHost: localhost\n\n"),
                431,
                "head_too_large",
                "headers");
    }

    @Test
    void aWrongMethodNamesTheRightOne() throws IOException {
        String answer = answer("DELETE /v1/chat/completions HTTP/1.1\nHost: localhost\n\n");
        assertError(answer, 405, "method_not_allowed", "use POST");
        assertThat(answer).contains("\r\nAllow: POST\r\n");
    }

    @Test
    void aWrongPathNamesTheRightOnes() throws IOException {
        assertError(answer("GET /v1/chat HTTP/1.1\nHost: localhost\n\n"), 404, "not_found", "/v1/chat/completions");
    }

    @ParameterizedTest
    @CsvSource({"text/plain", "application/x-www-form-urlencoded", "application/jsonp"})
    void aWrongContentType(String type) throws IOException {
        String request = "POST /v1/chat/completions HTTP/1.1\nHost: localhost\nContent-Type: " + type
                + "\nContent-Length: 2\n\n{}";
        assertError(answer(request), 415, "unsupported_media_type", "application/json");
    }

    @Test
    void noContentTypeAtAll() throws IOException {
        String request = "POST /v1/chat/completions HTTP/1.1\nHost: localhost\nContent-Length: 2\n\n{}";
        assertError(answer(request), 415, "unsupported_media_type", "application/json");
    }

    @ParameterizedTest
    @CsvSource({"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "169.254.1.1"})
    void aForeignHost(String host) throws IOException {
        assertError(answer("GET /v1/models HTTP/1.1\nHost: " + host + "\n\n"), 403, "forbidden", "listen.names");
    }

    @ParameterizedTest
    @CsvSource({"localhost", "LOCALHOST:1234", "127.0.0.1:80", "[::1]:8080", "gateway.lan:8080"})
    void aHostOfOurOwn(String host) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            assertThat(wire.send("GET /v1/models HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                            .readResponse())
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "https://evil.example",
        "null",
        "http://localhost.evil.example",
        "https://app.example.com.evil",
        "file://"
    })
    void aForeignOrigin(String origin) throws IOException {
        String answer = posted("{\"model\":\"m\"}", "Origin: " + origin);
        assertError(answer, 403, "forbidden", "listen.cors");
        assertThat(answer).doesNotContainIgnoringCase("access-control-allow-origin");
    }

    /// A page that the gateway served under a known name has that name's origin; under another's name it has not.
    @ParameterizedTest
    @CsvSource({
        "gateway.lan:8080, http://gateway.lan:8080, 200",
        "gateway.lan, https://gateway.lan, 200",
        "gateway.lan:8080, http://gateway.lan:9090, 403",
        "evil.example, http://evil.example, 403",
        "gateway.lan, http://evil.example, 403"
    })
    void thePageOfTheGatewayItself(String host, String origin, int status) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            assertThat(wire.send("GET /v1/models HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin + "\r\n\r\n")
                            .readResponse())
                    .startsWith("HTTP/1.1 " + status);
        }
    }

    @ParameterizedTest
    @CsvSource({"http://localhost:3000", "http://127.0.0.1", "https://app.example.com", "http://[::1]:5173"})
    void anOriginThatMayAskCanReadTheAnswerToo(String origin) throws IOException {
        String answer = posted("{\"model\":\"nobody\"}", "Origin: " + origin);
        assertError(answer, 404, "unknown_model", "nobody");
        assertThat(answer)
                .contains("access-control-allow-origin: " + origin + "\r\n")
                .contains("Freshet-Stream");
    }

    @Test
    void aPreflightAllowsWhatWasAskedForAndAForeignOneNothing() throws IOException {
        String ask =
                "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAccess-Control-Request-Method: POST\r\n"
                        + "Access-Control-Request-Headers: authorization,content-type\r\nOrigin: ";
        try (Wire wire = new Wire(gateway.address())) {
            assertThat(wire.send(ask + "http://localhost:3000\r\n\r\n").readUntil("\r\n\r\n"))
                    .startsWith("HTTP/1.1 204 ")
                    .contains("access-control-allow-headers: authorization,content-type")
                    .contains("access-control-allow-methods: POST");
        }
        try (Wire wire = new Wire(gateway.address())) {
            assertError(
                    wire.send(ask + "https://evil.example\r\n\r\n").readResponse(), 403, "forbidden", "listen.cors");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET /v1/models HTTP/1.1~~
            GET /v1/models HTTP/1.1~Host: localhost~Host: localhost~~
            GET /v1/models HTTP/9.9.9~Host: localhost~~
            GET~~
            """)
    void whatIsNoValidRequest(String request) throws IOException {
        assertError(answer(request.replace('~', '\n')), 400, "invalid_request", "");
    }

    @Test
    void aGuardThatIsAskedForIsNotIgnored() throws IOException {
        assertError(posted("{\"model\":\"m\"}", "Freshet-Guard: x"), 400, "invalid_request", "Freshet-Guard");
    }

    @Test
    void aBodyThatDoesNotComeIsNotWaitedForForEver() throws IOException {
        String request = "POST /v1/chat/completions HTTP/1.1\nHost: localhost\nContent-Type: application/json\n"
                + "Content-Length: 20\n\n{";
        assertError(answer(request), 408, "invalid_request", "did not come within");
    }

    @Test
    void aHeadThatDoesNotComeIsNotWaitedForForEver() throws IOException {
        assertThat(answer("GET /v1/mod")).isEmpty();
    }

    @Test
    void theHeadOfASecondRequestIsNotWaitedForForEverEither() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            wire.send("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n").readResponse();
            assertThat(wire.send("GET /v1/mod").readAll()).isEmpty();
        }
    }

    /// Its first byte counts, not its last one.
    @Test
    void aHeadThatDripsIsNotWaitedForForEver() throws IOException {
        long begun = System.nanoTime();
        try (Wire wire = new Wire(gateway.address())) {
            wire.send("GET /v1/models HTTP/1.1\r\nX-A: ");
            assertThatThrownBy(() -> {
                        while (System.nanoTime() - begun < 10_000_000_000L) {
                            wire.send("a");
                            Thread.sleep(20);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void anAnswerToAHeadRequestIsItsHead() throws IOException {
        String answer = answer("HEAD /v1/models HTTP/1.1\nHost: localhost\nConnection: close\n\n");
        assertThat(answer)
                .startsWith("HTTP/1.1 200 ")
                .contains("content-length: ")
                .endsWith("\r\n\r\n");
    }

    @Test
    void aProviderThatCannotBeReachedIsA502() throws IOException {
        assertError(posted("{\"model\":\"m\",\"stream\":true}"), 502, "upstream_unreachable", "base_url");
    }

    @Test
    void aPortThatIsTakenIsSaid() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            Config config = config("listen: {port: " + taken.getLocalPort() + "}");
            assertThatThrownBy(() -> Gateway.start(config, null))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in use");
        }
    }
}
