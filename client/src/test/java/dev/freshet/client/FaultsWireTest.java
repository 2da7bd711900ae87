package dev.freshet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Fault;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows 4 to 34 of the failure model, as a client sees them that speaks to such a provider itself.
class FaultsWireTest {
    private static final String FIVE = "1 2 3 4 5 ";
    private static final ChatOptions OPTIONS = ChatOptions.DEFAULT
            .firstToken(Duration.ofMillis(700))
            .idle(Duration.ofMillis(700))
            .total(Duration.ofSeconds(20))
            .retry(new Retry(2, Duration.ofMillis(1), Duration.ofSeconds(1), Retry.DEFAULT.statuses()));

    /// What becomes of a fault: an exception, with what came, or nothing bad.
    private record Outcome(@Nullable Class<? extends ChatException> failure, String code, String text, int asked) {
        static Outcome whole(String text) {
            return new Outcome(null, "", text, 1);
        }

        static Outcome fails(Class<? extends ChatException> failure, String code, String text) {
            return new Outcome(failure, code, text, 1);
        }

        Outcome asked(int times) {
            return new Outcome(failure, code, text, times);
        }
    }

    private static final Map<String, Outcome> EXPECTED = new TreeMap<>();

    private static void expect(Outcome outcome, String... names) {
        for (String name : names) EXPECTED.put(name, outcome);
    }

    static {
        Class<TruncatedStreamException> cut = TruncatedStreamException.class;
        expect(Outcome.fails(TimeLimitException.class, "first_token_limit", ""), "fault-4", "fault-5", "fault-8");
        expect(Outcome.fails(TimeLimitException.class, "idle_limit", FIVE), "fault-6", "fault-7", "fault-8-after-5");
        Outcome limited = Outcome.fails(RateLimitedException.class, "rate_limit_exceeded", "");
        expect(limited.asked(2), "fault-9", "fault-9-ms", "fault-9-bare", "fault-10");
        expect(limited, "fault-9-absurd", "fault-9-date"); // a date is two seconds ahead, and we wait for one at most
        expect(
                Outcome.fails(ServerFailedException.class, "overloaded_error", "")
                        .asked(2),
                "fault-10-object");
        expect(Outcome.fails(ServerFailedException.class, "server_error", ""), "fault-10-event");
        expect(Outcome.fails(RateLimitedException.class, "rate_limit_exceeded", FIVE), "fault-11");
        expect(Outcome.fails(ServerFailedException.class, "engine_failed", FIVE), "fault-11-error");
        expect(Outcome.fails(ServerFailedException.class, "engine_failed", ""), "fault-12");
        expect(Outcome.fails(ServerFailedException.class, "engine_failed", "").asked(2), "fault-12-overloaded");
        expect(Outcome.fails(RefusedException.class, "http_307", ""), "fault-13");
        expect(Outcome.fails(BrokenStreamException.class, "broken", ""), "fault-15-html", "fault-16-br");
        expect(Outcome.fails(cut, "truncated", FIVE), "fault-18", "fault-19", "fault-20", "fault-21", "fault-22");
        expect(Outcome.fails(cut, "truncated", ""), "fault-17-lengths", "fault-17-both");
        expect(Outcome.whole("na\u00efve \u20ac \ud83d\ude00 "), "fault-24");
        expect(Outcome.whole("a\ufffd\ufffdb"), "fault-25");
        expect(Outcome.fails(BrokenStreamException.class, "broken", "1 "), "fault-28", "fault-30");
        expect(Outcome.fails(BrokenStreamException.class, "broken", FIVE), "fault-29");
        expect(Outcome.whole("1 " + "x".repeat(1_000_000)), "fault-28-fits");
    }

    private static Simulator simulator;

    @BeforeAll
    static void start() throws IOException {
        simulator = Simulator.builder().recording(true).threads(2).start();
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    static Stream<String> faults() {
        return Simulator.faults().stream()
                .filter(fault -> fault.row() >= 4 && fault.row() <= 34)
                .map(Fault::name);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void eachFaultHasItsExceptionOrIsSurvived(String name) {
        Outcome expected = EXPECTED.getOrDefault(name, Outcome.whole(FIVE));
        int before = simulator.exchanges().size();
        StringBuilder delivered = new StringBuilder();
        // A client each: a connection that the fault before left could break as this one begins to use it.
        try (FreshetClient client = FreshetClient.of(simulator.baseUri().toString(), "sk-test");
                ChatStream stream = client.stream(ChatRequest.of(name, "count"), OPTIONS)) {
            if (expected.failure() == null) {
                stream.text().forEach(delivered::append);
                Answer answer = stream.answer();
                assertThat(answer.ending()).isEqualTo(Answer.Ending.COMPLETED);
                assertThat(answer.text()).isEqualTo(expected.text());
            } else {
                assertThatThrownBy(() -> stream.text().forEach(delivered::append))
                        .isInstanceOfSatisfying(expected.failure(), failure -> {
                            assertThat(failure.code())
                                    .as("%s", failure.getMessage())
                                    .isEqualTo(expected.code());
                            assertThat(failure.text()).isEqualTo(expected.text());
                            assertThat(failure.answer().ending()).isEqualTo(Answer.Ending.FAILED);
                        });
            }
        }
        assertThat(delivered.toString()).isEqualTo(expected.text());
        List<Exchange> asked =
                simulator.exchanges().subList(before, simulator.exchanges().size());
        assertThat(asked).as("how often it was asked").hasSize(expected.asked());
    }

    @Test
    void whatIsExpectedNamesFaultsThatAreThere() {
        assertThat(faults().toList()).containsAll(EXPECTED.keySet());
    }
}
