package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Providers that think for minutes before their first token. The gateway's time goes 240 times as fast as
/// the clock: a minute takes 250 ms. Its limits are the usual ones, but for connecting, which is real.
class LongSilenceWireTest {
    private static final int TIMES = 240;
    private static final Duration FOUR_MINUTES = Duration.ofMinutes(4).dividedBy(TIMES);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private static Simulator thinking;
    private static Simulator ready;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws IOException {
        thinking = Simulator.builder()
                .recording(true)
                .script(
                        "m",
                        Script.of(
                                Steps.head(),
                                Steps.role(),
                                Steps.pause(FOUR_MINUTES),
                                Steps.text("thought"),
                                Steps.finish("stop"),
                                Steps.done(),
                                Steps.lastChunk()))
                .start();
        ready = Simulator.builder()
                .script("m", Script.of(Steps.head(), Steps.text("other"), Steps.done(), Steps.lastChunk()))
                .start();
        gateway = Gateways.inFastTime("""
                listen: {port: 0}
                providers: {one: {base_url: "%s"}, two: {base_url: "%s"}}
                models:
                  alone: {targets: [{provider: one, model: m}], timeouts: {connect: 10m}}
                  impatient: {targets: [{provider: one, model: m}], timeouts: {connect: 10m, first_token: 2m}}
                  pair: {targets: [{provider: one, model: m}, {provider: two, model: m}], timeouts: {connect: 10m}}
                """.formatted(thinking.baseUri(), ready.baseUri()), TIMES);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        thinking.close();
        ready.close();
    }

    @Test
    void fourSilentMinutesAreWaitedForAndTheClientIsKeptAlive() throws Exception {
        int before = thinking.exchanges().size();
        long began = System.nanoTime();
        try (Wire wire = new Wire(gateway.address())) {
            String answer = wire.post(StreamsWireTest.body("alone")).readUntil("0\r\n\r\n");
            long minutes = Duration.ofNanos((System.nanoTime() - began) * TIMES).toMinutes();
            assertThat(minutes).isGreaterThanOrEqualTo(4);
            assertThat(answer).startsWith("HTTP/1.1 200 ").contains("thought", "data: [DONE]");
            int heartbeats = answer.split("\r\n:\n\r\n", -1).length - 1;
            // One in 15 s, from the head on, which leaves after 10 s.
            assertThat(heartbeats).isBetween(8, 16);
        }
        assertThat(thinking.awaitExchange(before, LIMIT).writes())
                .as("all of its answer came")
                .isGreaterThanOrEqualTo(5);
    }

    @Test
    void whenTheHeadHasLeftALimitThatIsOverIsAnErrorEvent() throws Exception {
        try (Wire wire = new Wire(gateway.address())) {
            String answer = wire.post(StreamsWireTest.body("impatient")).readUntil("0\r\n\r\n");
            assertThat(answer)
                    .startsWith("HTTP/1.1 200 ")
                    .contains("\r\n:\n\r\n", "\"code\":\"upstream_timeout\"")
                    .doesNotContain("[DONE]", "thought");
        }
    }

    @Test
    void whereAnotherTargetIsBehindASilentOneIsLeftAfterAMinute() throws Exception {
        int before = thinking.exchanges().size();
        long began = System.nanoTime();
        try (EventClient client = EventClient.post(gateway.address(), StreamsWireTest.body("pair"))) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo("other");
        }
        Exchange left = thinking.awaitExchange(before, LIMIT);
        left.await(Exchange.State.CANCELLED, LIMIT);
        long seconds = Duration.ofNanos((left.endedNanos() - began) * TIMES).toSeconds();
        assertThat(seconds).isBetween(60L, 200L);
    }
}
