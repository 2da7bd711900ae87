package dev.freshet.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoadWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String EVENT_START = "data: ";

    private LoadLoop loop;
    private Upstream upstream;

    @BeforeEach
    void open() throws IOException {
        loop = new LoadLoop();
        upstream = new Upstream(loop);
    }

    @AfterEach
    void close() throws IOException {
        upstream.close();
        loop.close();
    }

    @Test
    void everyTokenOfEveryStreamIsReadOnceAndCounted() throws IOException {
        Tally tally = oneStreamEach(20, upstream.port(), 40);
        assertThat(tally.streams()).isEqualTo(20);
        assertThat(tally.clean()).as(tally.toString()).isTrue();
    }

    @Test
    void pacedStreamsBringFiftyTokensASecond() throws IOException {
        upstream.pace(Pace.PACED, 10);
        try (LoadClient client = new LoadClient(loop, upstream.port(), 10, Demand.steady(10_000), _ -> {})) {
            loop.run(LIMIT, () -> client.running() == 10);
            Window window = client.startWindow();
            long start = System.nanoTime();
            loop.run(Duration.ofSeconds(1));
            double seconds = (System.nanoTime() - start) / 1e9;
            assertThat(window.tokens() / seconds).isBetween(450.0, 550.0);
            assertThat(window.delays().quantile(0.5)).isBetween(0.0, 20e6);
            end(client);
        }
    }

    @Test
    void unpacedStreamsGoOnAsFastAsTheyAreRead() throws IOException {
        upstream.pace(Pace.UNPACED, 5);
        try (LoadClient client = new LoadClient(loop, upstream.port(), 5, Demand.steady(300), upstream::proceed)) {
            // Paced, this would take 24 seconds.
            assertThat(loop.run(Duration.ofSeconds(10), () -> client.tally().streams() >= 20))
                    .isTrue();
            end(client);
            assertThat(client.tally().clean()).isTrue();
        }
    }

    @Test
    void heldStreamsStayOpenAfterTheirFirstToken() throws IOException {
        upstream.pace(Pace.HELD, 5);
        try (LoadClient client = new LoadClient(loop, upstream.port(), 5, Demand.steady(10), _ -> {})) {
            Window window = client.startWindow();
            loop.run(LIMIT, () -> window.tokens() == 5);
            loop.run(Duration.ofMillis(100));
            assertThat(window.tokens()).isEqualTo(5);
            assertThat(client.running()).isEqualTo(5);
            end(client);
            assertThat(client.tally().clean()).isTrue();
        }
    }

    @Test
    void aLostTokenIsNoticed() throws IOException {
        Tally tally = throughRelay(answer -> withEvents(answer, events -> events.remove(4)));
        assertThat(tally.lost()).isEqualTo(1);
        assertThat(tally.reorderedTokens()).isZero();
    }

    @Test
    void reorderedTokensAreNoticed() throws IOException {
        Tally tally = throughRelay(answer -> withEvents(answer, events -> events.add(4, events.remove(5))));
        assertThat(tally.reorderedTokens()).isEqualTo(1);
        assertThat(tally.lost()).isZero();
    }

    @Test
    void aTokenSentTwiceIsNoticed() throws IOException {
        Tally tally = throughRelay(answer -> withEvents(answer, events -> events.add(5, events.get(4))));
        assertThat(tally.repeatedTokens()).isEqualTo(1);
    }

    @Test
    void anAnswerWithoutItsDoneEventIsBroken() throws IOException {
        Tally tally = throughRelay(answer -> withEvents(answer, List::removeLast));
        assertThat(tally.brokenStreams()).isEqualTo(1);
    }

    @Test
    void anErrorIsBroken() throws IOException {
        Tally tally = throughRelay(_ -> "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
        assertThat(tally.brokenStreams()).isEqualTo(1);
        assertThat(tally.toString()).contains("500 Internal Server Error");
    }

    private Tally throughRelay(UnaryOperator<String> fault) throws IOException {
        try (Relay relay = new Relay(upstream.port(), fault)) {
            Tally tally = oneStreamEach(1, relay.port(), 10);
            assertThat(tally.clean()).isFalse();
            return tally;
        }
    }

    private Tally oneStreamEach(int streams, int port, int tokens) throws IOException {
        upstream.pace(Pace.PACED, streams);
        Demand once = Demand.bursts(Duration.ofHours(1), streams, tokens);
        try (LoadClient client = new LoadClient(loop, port, streams, once, _ -> {})) {
            boolean ended = loop.run(
                    LIMIT, () -> client.tally().streams() + client.tally().brokenStreams() == streams);
            assertThat(ended).isTrue();
            return client.tally();
        }
    }

    private void end(LoadClient client) throws IOException {
        client.stop();
        boolean ended = loop.run(LIMIT, () -> {
            upstream.finish();
            return client.running() == 0;
        });
        assertThat(ended).isTrue();
    }

    private interface Change {
        void to(List<String> events);
    }

    /// Takes the chunked body apart into its events, changes their list, and puts it together.
    private static String withEvents(String answer, Change change) {
        List<String> events = new ArrayList<>();
        for (int at = answer.indexOf(EVENT_START); at >= 0; at = answer.indexOf(EVENT_START, at + 1)) {
            events.add(answer.substring(at, answer.indexOf("\n\n", at) + 2));
        }
        change.to(events);
        StringBuilder changed = new StringBuilder(answer.substring(0, answer.indexOf("\r\n\r\n") + 4));
        for (String event : events) {
            changed.append(Integer.toHexString(event.length()))
                    .append("\r\n")
                    .append(event)
                    .append("\r\n");
        }
        return changed + "0\r\n\r\n";
    }
}
