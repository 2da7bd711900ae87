package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What is asked again, and what is not, before the first token.
class RetryWireTest {
    private static final Script GOOD = Script.of(Steps.head(), Steps.text("good"), Steps.done(), Steps.lastChunk());

    private final Simulator first;
    private final Simulator second;
    private final Gateway gateway;

    RetryWireTest() throws IOException {
        first = Simulator.builder().recording(true).start();
        second = Simulator.builder().recording(true).script("m", GOOD).start();
        gateway = Gateways.withOwners("""
                listen: {port: 0}
                providers:
                  one: {base_url: "FIRST"}
                  two: {base_url: "SECOND"}
                  keyed: {base_url: "FIRST", api_keys: [a, b, c]}
                models:
                  keyed: {targets: [{provider: keyed, model: m}], retry: {attempts: 1}}
                  alone: {targets: [{provider: one, model: m}], retry: {attempts: 3, base: 20ms, max: 2s}, timeouts: {first_token: 300ms}}
                  pair:
                    targets: [{provider: one, model: m}, {provider: two, model: m}]
                    retry: {attempts: 2, base: 20ms, max: 2s}
                    timeouts: {first_token: 300ms}
                """.replace("FIRST", first.baseUri().toString())
                .replace("SECOND", second.baseUri().toString()));
    }

    @AfterEach
    void stop() {
        gateway.close();
        first.close();
        second.close();
    }

    private static Script answers(int status, String... headers) {
        return Script.of(Steps.json(status, "{\"error\":{\"message\":\"m\"}}", headers));
    }

    private EventClient ask(String model) throws IOException {
        return EventClient.post(gateway.address(), StreamsWireTest.body(model));
    }

    private void assertGood(EventClient client, int attempts) throws IOException {
        assertThat(client.status()).isEqualTo(200);
        assertThat(client.header("Freshet-Attempts")).isEqualTo(String.valueOf(attempts));
        assertThat(StreamsWireTest.text(client.rest())).isEqualTo("good");
    }

    @Test
    void aProviderThatFailsIsAskedAgainUpToItsAttempts() throws IOException {
        for (int status : List.of(500, 502, 503, 529, 429)) {
            int before = first.exchanges().size();
            first.script("m", Script.inTurn(answers(status), answers(status), GOOD));
            try (EventClient client = ask("alone")) {
                assertGood(client, 3);
            }
            first.script("m", answers(status));
            try (EventClient client = ask("alone")) {
                assertThat(client.status()).isEqualTo(status == 429 ? 429 : status == 503 || status == 529 ? 503 : 502);
            }
            assertThat(first.exchanges().size() - before).as("status " + status).isEqualTo(6);
        }
    }

    @Test
    void thenTheNextTargetIsAsked() throws IOException {
        first.script("m", answers(500));
        try (EventClient client = ask("pair")) {
            assertGood(client, 3);
            assertThat(client.header("Freshet-Provider")).isEqualTo("two");
        }
        assertThat(first.exchanges()).hasSize(2);
    }

    @Test
    void aProviderIsWaitedForAsItAsksInAllForms() throws Exception {
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plusSeconds(2).atOffset(ZoneOffset.UTC));
        for (String header :
                List.of("Retry-After: " + date, "Retry-After: 1", "retry-after-ms: 700", "Retry-After: 0.5")) {
            first.script("m", Script.inTurn(answers(429, header), GOOD));
            try (EventClient client = ask("alone")) {
                assertGood(client, 2);
            }
            List<Exchange> asked = first.exchanges();
            asked.getLast().await(Exchange.State.COMPLETED, Duration.ofSeconds(20));
            Duration waited = Duration.ofNanos(
                    asked.getLast().endedNanos() - asked.get(asked.size() - 2).endedNanos());
            assertThat(waited).as(header).isBetween(Duration.ofMillis(450), Duration.ofSeconds(10));
        }
    }

    @Test
    void whoAsksForMorePatienceThanThereIsIsNotWaitedForAndTheClientIsToldHowLong() throws IOException {
        first.script("m", answers(429, "Retry-After: 60"));
        try (EventClient client = ask("alone")) {
            assertThat(client.status()).isEqualTo(429);
            assertThat(client.header("Retry-After")).isEqualTo("60");
        }
        assertThat(first.exchanges()).hasSize(1);
        try (EventClient client = ask("pair")) {
            assertThat(client.header("Freshet-Provider")).isEqualTo("two");
        }
    }

    @Test
    void anAbsurdWaitIsNone() throws IOException {
        for (String header : List.of("Retry-After: 999999999", "Retry-After: soon", "Retry-After: -5")) {
            first.script("m", Script.inTurn(answers(503, header), GOOD));
            try (EventClient client = ask("alone")) {
                assertGood(client, 2);
            }
        }
    }

    @Test
    void aProviderThatMayHaveBilledIsNotAskedAgain() throws IOException {
        first.script("m", Script.of(Steps.head(), Steps.role(), Steps.hang()));
        try (EventClient client = ask("alone")) {
            assertThat(client.status()).isEqualTo(504);
            assertThat(client.header("x-should-retry")).isEqualTo("false");
        }
        assertThat(first.exchanges()).hasSize(1);
        try (EventClient client = ask("pair")) {
            assertGood(client, 2);
        }
        assertThat(first.exchanges()).hasSize(2);
    }

    @Test
    void aRequestAtFaultGoesToTheNextTargetOnlyWhereThatMayHelp() throws IOException {
        first.script("m", answers(400));
        try (EventClient client = ask("pair")) {
            assertThat(client.status()).isEqualTo(400);
        }
        first.script("m", answers(404));
        try (EventClient client = ask("pair")) {
            assertGood(client, 2);
        }
        first.script("m", Script.of(Steps.json(400, "{\"error\":{\"message\":\"m\",\"param\":\"seed\"}}")));
        try (EventClient client = ask("pair")) {
            assertGood(client, 2);
        }
        assertThat(first.exchanges()).hasSize(3);
    }

    @Test
    void afterTheFirstTokenNothingIsAskedAgain() throws IOException {
        first.script("m", Script.of(Steps.head(), Steps.text("a"), Steps.close()));
        try (EventClient client = ask("pair")) {
            assertThat(client.rest().getLast().data()).contains("upstream_truncated");
        }
        assertThat(first.exchanges()).hasSize(1);
        assertThat(second.exchanges()).isEmpty();
    }

    @Test
    void aTargetThatKeepsFailingIsAskedLast() throws IOException {
        first.script("m", answers(500));
        for (int i = 0; i < 2; i++) {
            try (EventClient client = ask("pair")) {
                assertGood(client, 3);
            }
        }
        try (EventClient client = ask("pair")) {
            assertGood(client, 1);
            assertThat(client.header("Freshet-Provider")).isEqualTo("two");
        }
    }

    private List<String> keys() {
        return first.exchanges().stream()
                .map(exchange -> exchange.headers().get("authorization"))
                .toList();
    }

    /// Each attempt is another key's, whatever the attempts of a target: nothing was billed.
    @Test
    void aKeyThatIsRefusedOrLimitedRestsAndTheNextIsTakenAtOnce() throws IOException {
        for (int status : List.of(401, 402, 403, 429)) {
            int before = first.exchanges().size();
            first.script("m", Script.inTurn(answers(status, "Retry-After: 30"), GOOD));
            String owner = "Authorization: Bearer owner-" + status;
            try (EventClient client = EventClient.post(gateway.address(), StreamsWireTest.body("keyed"), owner)) {
                assertGood(client, 2);
            }
            List<String> used = keys().subList(before, before + 2);
            assertThat(used.get(1)).as("another key").isNotEqualTo(used.get(0));
        }
    }

    @Test
    void whereAllKeysAreRefusedTheClientIsToldAndEachWasAskedOnce() throws IOException {
        first.script("m", answers(401));
        try (EventClient client = ask("keyed")) {
            assertThat(client.status()).isEqualTo(502);
            assertThat(client.body()).contains("refused this gateway's account (401)");
        }
        assertThat(keys()).containsExactlyInAnyOrder("Bearer a", "Bearer b", "Bearer c");
    }

    @Test
    void aClientThatLeavesWhileItIsWaitedForIsNotAskedFor() throws Exception {
        first.script("m", answers(503, "Retry-After: 1"));
        try (Wire wire = new Wire(gateway.address())) {
            wire.post(StreamsWireTest.body("alone"));
            first.awaitExchange(0, Duration.ofSeconds(20));
        }
        first.script("m", GOOD);
        Thread.sleep(1_500); // longer than the wait: nothing may come
        assertThat(first.exchanges()).hasSize(1);
    }
}
