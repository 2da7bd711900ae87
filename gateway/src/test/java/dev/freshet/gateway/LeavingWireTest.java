package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// A client that leaves stops its provider, whenever and however it leaves.
class LeavingWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int RUNS = 1_000;
    private static final Duration MOST = Duration.ofMillis(100);

    /// When the client leaves.
    private enum When {
        BEFORE_THE_HEAD,
        BEFORE_THE_FIRST_TOKEN,
        BETWEEN_TOKENS,
        UNDER_BACKPRESSURE
    }

    private static Simulator simulator() throws IOException {
        return Simulator.builder()
                .recording(true)
                .script("silent", Script.of(Steps.head(), Steps.hang()))
                .script("one-token", Script.of(Steps.head(), Steps.text("a"), Steps.hang()))
                .script(
                        "pours",
                        _ -> Stream.concat(
                                        Stream.of(Steps.head()), Stream.generate(() -> Steps.text("x".repeat(10_000))))
                                .iterator())
                .start();
    }

    private interface Client {
        void leave(boolean byReset) throws IOException;
    }

    private static Client client(Gateway gateway, Simulator simulator, When when, int run) throws Exception {
        if (when == When.BEFORE_THE_HEAD) {
            Wire wire = new Wire(gateway.address()).post(StreamsWireTest.body("silent"));
            simulator.awaitExchange(run, LIMIT);
            return byReset -> {
                if (byReset) wire.reset();
                else wire.close();
            };
        }
        EventClient client = switch (when) {
            case BEFORE_THE_HEAD -> throw new AssertionError();
            case BEFORE_THE_FIRST_TOKEN ->
                EventClient.post(gateway.address(), StreamsWireTest.body("silent"), "Freshet-Ids: 1");
            case BETWEEN_TOKENS -> EventClient.post(gateway.address(), StreamsWireTest.body("one-token"));
            case UNDER_BACKPRESSURE -> EventClient.smallPost(gateway.address(), StreamsWireTest.body("pours"));
        };
        if (when != When.BEFORE_THE_FIRST_TOKEN) client.next();
        simulator.awaitExchange(run, LIMIT);
        return byReset -> {
            if (byReset) client.reset();
            else client.close();
        };
    }

    @Test
    void aThousandLeavingClientsStopTheirProvidersAtOnce() throws Exception {
        ListAppender<ILoggingEvent> alarms = new ListAppender<>();
        Logger log = (Logger) LoggerFactory.getLogger("dev.freshet.gateway.upstream");
        alarms.start();
        log.addAppender(alarms);
        try (Simulator simulator = simulator();
                Gateway gateway = Gateways.withOwners("""
                        listen: {port: 0}
                        providers: {up: {base_url: "%s"}}
                        models: {"*": {targets: [{provider: up}]}}
                        """.formatted(simulator.baseUri()))) {
            List<Long> micros = new ArrayList<>();
            for (int run = 0; run < RUNS; run++) {
                When when = When.values()[run % 4];
                Client client = client(gateway, simulator, when, run);
                long left = System.nanoTime();
                client.leave(run / 4 % 2 == 0);
                Exchange exchange = simulator.awaitExchange(run, LIMIT);
                exchange.await(Exchange.State.CANCELLED, LIMIT);
                micros.add((exchange.endedNanos() - left) / 1_000);
            }
            Collections.sort(micros);
            long p99 = micros.get(RUNS * 99 / 100 - 1);
            System.out.printf(
                    "%d leaving clients: upstreams cancelled after %d us (median), %d us (p99), %d us (most)%n",
                    RUNS, micros.get(RUNS / 2), p99, micros.getLast());
            assertThat(Duration.ofNanos(p99 * 1_000)).isLessThan(MOST);
            assertThat(alarms.list)
                    .as("what was on its way is no response that nobody asked for")
                    .noneMatch(event -> event.getLevel().isGreaterOrEqual(Level.WARN));
        } finally {
            log.detachAppender(alarms);
        }
    }
}
