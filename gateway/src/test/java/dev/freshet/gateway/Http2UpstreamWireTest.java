package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A provider that speaks HTTP/2: many answers share a connection, and each is ended alone.
@Timeout(60)
class Http2UpstreamWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Simulator simulator;
    private final Gateway gateway;

    Http2UpstreamWireTest(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("ca.pem"), Simulator.authority());
        simulator = Simulator.builder().recording(true).tls(true).start();
        gateway = Gateways.withOneLoop("""
                listen: {port: 0}
                data: "%1$s/data"
                providers: {up: {base_url: "%2$s", ca: "%1$s/ca.pem"}}
                models: {"*": {targets: [{provider: up}], timeouts: {first_token: 1s, idle: 1s}}}
                limits: {drain: 1s}
                """.formatted(folder, simulator.http2Uri()));
    }

    @AfterEach
    void stop() {
        gateway.close();
        simulator.close();
    }

    private EventClient post(String model) throws IOException {
        return EventClient.post(gateway.address(), StreamsWireTest.body(model));
    }

    private String ask(String model) throws IOException {
        try (EventClient client = post(model)) {
            return StreamsWireTest.text(client.rest());
        }
    }

    private static String tokens(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> i + " ").collect(Collectors.joining());
    }

    @Test
    void manyAnswersShareAConnectionAndNoTokenIsLost() throws Exception {
        assertThat(ask("tokens-3")).isEqualTo("1 2 3 ");
        List<EventClient> clients = new ArrayList<>();
        for (int i = 0; i < 90; i++) clients.add(post("tokens-200"));
        for (EventClient client : clients) {
            assertThat(StreamsWireTest.text(client.rest())).isEqualTo(tokens(200));
            client.close();
        }
        assertThat(simulator.exchanges().stream().map(Exchange::connection).distinct())
                .hasSize(1);
    }

    @Test
    void aClientThatLeavesResetsItsStreamAndTheOthersGoOn() throws Exception {
        simulator.script(
                "waits",
                Script.of(
                        Steps.head(),
                        Steps.text("a"),
                        Steps.gate("go"),
                        Steps.text("b"),
                        Steps.done(),
                        Steps.lastChunk()));
        ask("tokens-1");
        try (EventClient stays = post("waits")) {
            EventClient leaves = post("waits");
            leaves.next();
            leaves.close();
            simulator.awaitExchange(2, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
            simulator.open("go");
            assertThat(StreamsWireTest.text(stays.rest())).isEqualTo("ab");
        }
        assertThat(simulator.connections()).isEqualTo(1);
    }

    @Test
    void aRequestThatWasRefusedIsAskedAgainOverAnotherConnection() throws Exception {
        assertThat(ask("fault-36")).isEqualTo("1 2 3 4 5 ");
        assertThat(simulator.exchanges()).hasSize(2);
        assertThat(ask("fault-36-goaway")).isEqualTo("1 2 3 4 5 ");
        assertThat(simulator.exchanges()).hasSize(4);
    }

    @Test
    void aProviderThatRefusesForEverIsLeft() throws Exception {
        simulator.script("never", Script.of(Steps.refuse()));
        try (EventClient client = post("never")) {
            assertThat(client.status()).isEqualTo(502);
        }
        assertThat(simulator.exchanges()).hasSize(4);
    }

    @Test
    void silenceEndsTheStreamAndNotTheConnection() throws Exception {
        try (EventClient client = post("fault-5")) {
            assertThat(client.status()).isEqualTo(504);
        }
        simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
        assertThat(ask("tokens-1")).isEqualTo("1 ");
        assertThat(simulator.exchanges().stream().map(Exchange::connection).distinct())
                .hasSize(1);
    }

    /// Nothing answers over it any more, so that nothing new goes over it.
    @Test
    void aConnectionThatIsGoneIsNotUsedAgain() throws Exception {
        try (EventClient client = post("fault-7")) {
            assertThat(client.rest().getLast().data()).contains("upstream_stalled");
        }
        assertThat(ask("tokens-1")).isEqualTo("1 ");
        assertThat(simulator.exchanges().stream().map(Exchange::connection).distinct())
                .hasSize(2);
    }
}
