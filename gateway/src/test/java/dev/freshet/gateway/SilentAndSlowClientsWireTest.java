package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Signs of life for clients that hear nothing, and what becomes of clients that do not read.
class SilentAndSlowClientsWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int LARGE = 50_000;

    private static Simulator simulator;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws IOException {
        simulator = Simulator.builder().recording(true).start();
        gateway =
                Gateways.withOwners("""
                listen: {port: 0}
                providers: {up: {base_url: "UPSTREAM"}}
                models: {"*": {targets: [{provider: up}]}}
                streams: {heartbeat: 200ms, head_after: 100ms}
                limits: {write_timeout: 1s}
                """.replace("UPSTREAM", simulator.baseUri().toString()));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        simulator.close();
    }

    private static void script(String model, Object... steps) {
        simulator.script(model, Script.of(steps));
    }

    @Test
    void aClientThatHearsNothingGetsACommentWithoutABlankLineBetweenEvents() throws IOException {
        script(
                "quiet",
                Steps.head(),
                Steps.text("a"),
                Steps.gate("quiet"),
                Steps.text("b"),
                Steps.done(),
                Steps.lastChunk());
        try (Wire wire = new Wire(gateway.address())) {
            wire.post(StreamsWireTest.body("quiet")).readUntil("\n\n\r\n");
            for (int i = 0; i < 3; i++)
                assertThat(wire.readUntil("\r\n:\n\r\n")).isEqualTo("2\r\n:\n\r\n");
            simulator.open("quiet");
            assertThat(wire.readUntil("0\r\n\r\n")).contains("\"b\"", "data: [DONE]");
        }
    }

    @Test
    void heartbeatsBeginWithTheHeadAndAreNotInTheLog() throws IOException {
        script("silent", Steps.head(), Steps.gate("silent"), Steps.text("a"), Steps.done(), Steps.lastChunk());
        String id;
        try (Wire wire = new Wire(gateway.address())) {
            String head = wire.post(StreamsWireTest.body("silent")).readUntil("\r\n:\n\r\n");
            id = head.replaceFirst("(?s).*Freshet-Stream: ([^\r]*).*", "$1");
            simulator.open("silent");
            wire.readUntil("0\r\n\r\n");
        }
        try (EventClient again = EventClient.get(gateway.address(), "/v1/streams/" + id + "/events")) {
            assertThat(again.rest().stream().map(Event::number)).containsExactly(1L, 2L, 3L);
        }
    }

    @Test
    void aBusyStreamHasNoHeartbeats() throws IOException {
        List<Object> steps = new ArrayList<>(List.of(Steps.head()));
        for (int i = 0; i < 20; i++) steps.addAll(List.of(Steps.text("x"), Steps.pause(Duration.ofMillis(50))));
        steps.addAll(List.of(Steps.done(), Steps.lastChunk()));
        script("busy", steps.toArray());
        try (Wire wire = new Wire(gateway.address())) {
            assertThat(wire.post(StreamsWireTest.body("busy")).readUntil("0\r\n\r\n"))
                    .doesNotContain("\r\n:\n\r\n");
        }
    }

    private static Script pours() {
        return _ -> Stream.concat(
                        Stream.of(Steps.head()),
                        Stream.generate(() -> Steps.text("x".repeat(LARGE))).limit(100))
                .iterator();
    }

    @Test
    void aClientThatDoesNotReadIsLetGoAndItsStreamStopped() throws Exception {
        simulator.script("pours", pours());
        int before = simulator.exchanges().size();
        try (EventClient deaf = EventClient.smallPost(gateway.address(), StreamsWireTest.body("pours"))) {
            Exchange upstream = simulator.awaitExchange(before, LIMIT);
            upstream.await(Exchange.State.CANCELLED, LIMIT);
            assertThat(deaf.endsWithReset()).isTrue();
        }
    }

    @Test
    void aClientThatWasLetGoCanResumeWithinItsGrace() throws Exception {
        List<Object> steps = new ArrayList<>(List.of(Steps.head()));
        for (int i = 0; i < 120; i++) steps.add(Steps.text(i + " ".repeat(LARGE)));
        steps.addAll(List.of(Steps.gate("resume"), Steps.done(), Steps.lastChunk()));
        script("pours-2", steps.toArray());
        try (EventClient deaf = EventClient.smallPost(
                gateway.address(), StreamsWireTest.body("pours-2"), "Freshet-Ids: 1", "Freshet-Grace: 20s")) {
            Event first = Objects.requireNonNull(deaf.next());
            assertThat(deaf.endsWithReset()).isTrue();
            simulator.open("resume");
            try (EventClient again = EventClient.get(
                    gateway.address(), "/v1/streams/" + deaf.stream() + "/events", "Last-Event-ID: " + first.id())) {
                List<Event> rest = again.rest();
                assertThat(rest).hasSize(121);
                assertThat(rest.getFirst().number()).isEqualTo(2);
            }
        }
    }

    /// All of it is written, and the stream is over: only what the client has not taken is left.
    @ParameterizedTest
    @ValueSource(ints = {30, 100, 400})
    void aClientThatDoesNotTakeTheRestOfAFinishedAnswerIsLetGo(int kilobytes) throws Exception {
        String model = "rest-" + kilobytes;
        List<Object> steps = new ArrayList<>(List.of(Steps.head()));
        for (int i = 0; i < kilobytes; i++) steps.add(Steps.text("x".repeat(1024)));
        steps.addAll(List.of(Steps.done(), Steps.lastChunk()));
        script(model, steps.toArray());
        int before = simulator.exchanges().size();
        try (EventClient _ = EventClient.smallPost(gateway.address(), StreamsWireTest.body(model))) {
            simulator.awaitExchange(before, LIMIT).await(Exchange.State.COMPLETED, LIMIT);
            Eventually.is(() -> Sockets.held(gateway.address()) == 0);
        }
    }
}
