package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.Http2Wire.Frame;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Clients of HTTP/2 that flood, crawl, or are silent.
@Timeout(60)
class Http2WireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int USUAL_WINDOW = 65_535;
    /// More of anything than a client that means well sends in a moment.
    private static final int MANY = 3_000;

    private final Simulator simulator;
    private final Gateway gateway;

    Http2WireTest(@TempDir Path folder) throws IOException {
        simulator = Simulator.builder().recording(true).start();
        gateway = Gateways.withOwners(
                """
                listen: {port: 0, %s}
                data: "%s"
                providers: {up: {base_url: "%s"}}
                models: {"*": {targets: [{provider: up}]}}
                streams: {heartbeat: 500ms}
                limits: {head_timeout: 500ms, body_timeout: 1s, write_timeout: 3s, drain: 2s}
                """.formatted(Tls.yaml(folder, "localhost"), folder.resolve("data"), simulator.baseUri()));
    }

    @AfterEach
    void stop() {
        gateway.close();
        simulator.close();
    }

    private Http2Wire connect(int window) throws IOException {
        return new Http2Wire(gateway.address(), window);
    }

    /// What a flood sends, frame by frame.
    interface Wave {
        void send(Http2Wire wire, int number) throws IOException;
    }

    record Flood(String what, Wave wave) {
        @Override
        public String toString() {
            return what;
        }
    }

    private static int stream(int number) {
        return 2 * number + 1;
    }

    static Stream<Flood> floods() {
        return Stream.of(
                new Flood("streams that are reset at once (CVE-2023-44487)", (wire, i) -> {
                    wire.send(
                            Http2Wire.HEADERS,
                            Http2Wire.END_HEADERS,
                            stream(i),
                            Http2Wire.head("POST", "/v1/chat/completions"));
                    wire.send(Http2Wire.RST_STREAM, 0, stream(i), Http2Wire.number(8));
                }),
                new Flood("streams that the server is made to reset (CVE-2025-8671)", (wire, i) -> {
                    wire.send(
                            Http2Wire.HEADERS,
                            Http2Wire.END_HEADERS,
                            stream(i),
                            Http2Wire.head("POST", "/v1/chat/completions"));
                    wire.send(Http2Wire.WINDOW_UPDATE, 0, stream(i), Http2Wire.number(0));
                }),
                new Flood("settings", (wire, i) -> wire.send(Http2Wire.SETTINGS, 0, 0, Http2Wire.setting(3, i))),
                new Flood("pings", (wire, i) -> wire.send(Http2Wire.PING, 0, 0, new byte[8])),
                new Flood("a head in pieces for ever (CVE-2024-27316)", (wire, i) -> {
                    if (i == 0) wire.send(Http2Wire.HEADERS, 0, 1, Http2Wire.head("POST", "/v1/chat/completions"));
                    else wire.send(Http2Wire.CONTINUATION, 0, 1, (byte) 0, (byte) 1, (byte) 'x', (byte) 1, (byte) 'y');
                }),
                new Flood("empty pieces of a head", (wire, i) -> {
                    if (i == 0) wire.send(Http2Wire.HEADERS, 0, 1, Http2Wire.head("POST", "/v1/chat/completions"));
                    else wire.send(Http2Wire.CONTINUATION, 0, 1);
                }),
                new Flood("empty pieces of a body", (wire, i) -> {
                    if (i == 0)
                        wire.send(
                                Http2Wire.HEADERS,
                                Http2Wire.END_HEADERS,
                                1,
                                Http2Wire.head("POST", "/v1/chat/completions"));
                    else wire.send(Http2Wire.DATA, 0, 1);
                }));
    }

    @ParameterizedTest
    @MethodSource("floods")
    void aFloodEndsItsConnectionAndNobodyElses(Flood flood) throws Exception {
        simulator.script(
                "waits", Script.of(Steps.head(), Steps.text("a"), Steps.gate("go"), Steps.done(), Steps.lastChunk()));
        try (Http2Wire honest = connect(USUAL_WINDOW).chat(1, "waits");
                Http2Wire wire = connect(USUAL_WINDOW)) {
            honest.dataUntil("a");
            int sent = flood(wire, flood);
            int error = wire.ends();
            System.out.println(flood + ": " + sent + " sent, ended with " + error);
            assertThat(error).isIn(-1, Http2Wire.ENHANCE_YOUR_CALM);
            simulator.open("go");
            honest.dataUntil("[DONE]");
        }
        assertThat(simulator.exchanges()).hasSize(1);
    }

    private static int flood(Http2Wire wire, Flood flood) {
        for (int sent = 0; sent < MANY; sent++) {
            try {
                flood.wave().send(wire, sent);
            } catch (IOException e) {
                return sent;
            }
        }
        return MANY;
    }

    @Test
    void aHeadThatDoesNotEndEndsTheConnection() throws Exception {
        try (Http2Wire wire = connect(USUAL_WINDOW)) {
            wire.send(Http2Wire.HEADERS, 0, 1, Http2Wire.head("POST", "/v1/chat/completions"));
            List<Integer> types = new ArrayList<>();
            for (Frame frame = wire.nextUnanswered(); frame != null; frame = wire.nextUnanswered())
                types.add(frame.type());
            assertThat(types).endsWith(Http2Wire.GOAWAY);
        }
    }

    @Test
    void aBodyThatDoesNotEndIsRefusedAndTheConnectionGoesOn() throws Exception {
        try (Http2Wire wire = connect(USUAL_WINDOW)) {
            wire.send(
                    Http2Wire.HEADERS,
                    Http2Wire.END_HEADERS,
                    1,
                    Http2Wire.head("POST", "/v1/chat/completions", "content-type", "application/json"));
            Frame said = wire.next(Http2Wire.DATA);
            assertThat(said).isNotNull();
            assertThat(said.text()).contains("The body did not come within 1 s");
            Frame reset = wire.next(Http2Wire.RST_STREAM);
            assertThat(reset).isNotNull();
            assertThat(reset.error()).isZero();
            wire.chat(3, "tokens-1");
            Frame token = wire.next(Http2Wire.DATA);
            assertThat(token).isNotNull();
            assertThat(token.text()).contains("\"1 \"");
        }
    }

    /// A window of nothing: the answer's end waits for ever, or nearly.
    @Test
    void aStreamThatIsNotReadIsResetAndItsAnswerIsKept() throws Exception {
        List<Object> steps = new ArrayList<>(List.of(Steps.head()));
        for (int i = 1; i <= 20; i++) steps.add(Steps.text(i + " ".repeat(20_000)));
        steps.addAll(List.of(Steps.done(), Steps.lastChunk()));
        simulator.script("pours", Script.of(steps.toArray()));
        for (String model : List.of("pours", "tokens-3")) {
            try (Http2Wire wire = connect(0).chat(1, model, "freshet-ids", "1", "freshet-grace", "20s")) {
                Frame reset = wire.next(Http2Wire.RST_STREAM);
                assertThat(reset).as(model).isNotNull();
                wire.chat(3, "tokens-1");
                assertThat(wire.next(Http2Wire.HEADERS)).isNotNull();
            }
        }
        for (int i = 0; i < 3; i += 2) simulator.awaitExchange(i, LIMIT).await(Exchange.State.COMPLETED, LIMIT);
    }

    /// It answers no PING, as a machine that is switched off.
    @Test
    void aClientThatIsSilentAltogetherIsLetGo() throws Exception {
        try (Http2Wire wire = connect(USUAL_WINDOW)) {
            List<Integer> types = new ArrayList<>();
            for (Frame frame = wire.nextUnanswered(); frame != null; frame = wire.nextUnanswered())
                types.add(frame.type());
            assertThat(types).contains(Http2Wire.PING).endsWith(Http2Wire.GOAWAY);
        }
    }

    @Test
    void aGatewayThatStopsSaysSoAndEndsWhatItHasBegun() throws Exception {
        simulator.script(
                "waits", Script.of(Steps.head(), Steps.text("a"), Steps.gate("go"), Steps.done(), Steps.lastChunk()));
        try (Http2Wire wire = connect(USUAL_WINDOW).chat(1, "waits")) {
            wire.dataUntil("a");
            Thread closing = Thread.ofVirtual().start(gateway::close);
            Frame away = wire.next(Http2Wire.GOAWAY);
            assertThat(away).isNotNull();
            assertThat(away.error()).isZero();
            simulator.open("go");
            wire.dataUntil("[DONE]");
            closing.join();
        }
    }
}
