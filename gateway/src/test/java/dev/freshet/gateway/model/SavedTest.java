package dev.freshet.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.net.URI;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The estimate from a sample, when there is none, and who is credited.
class SavedTest {
    private static Saved stops(int credited, int held, long... rests) {
        Saved saved = Saved.NOTHING;
        for (int i = 0; i < credited; i++) saved = saved.plus(Saved.ofStop(true, i < held));
        for (long rest : rests) saved = saved.plus(Saved.ofRest(rest, rest * 10, false));
        return saved;
    }

    private static long[] rests(int count) {
        long[] rests = new long[count];
        for (int i = 0; i < count; i++) rests[i] = i % 2 == 0 ? 80 : 120;
        return rests;
    }

    /// Thirty rests of 80 and 120: mean 100, deviation 20.34; 970 others. Student's t for 29 is 2.045.
    @Test
    void theIntervalIsThatOfAPrediction() {
        Estimate avoided = Objects.requireNonNull(stops(1_000, 30, rests(30)).avoidedTokens());
        assertThat(avoided.mean()).isEqualTo(97_000);
        double half = 2.045 * 970 * 20.342 * Math.sqrt(1 / 30.0 + 1 / 970.0);
        assertThat(avoided.high() - avoided.mean()).isCloseTo(half, within(half * 0.01));
        assertThat(avoided.mean() - avoided.low()).isCloseTo(half, within(half * 0.01));
    }

    @Test
    void withFewerThanThirtyNothingIsEstimated() {
        Saved few = stops(1_000, 29, rests(29));
        assertThat(few.avoidedTokens()).isNull();
        assertThat(few.net()).isNull();
        assertThat(few.pays()).isEqualTo(Saved.Pays.NOT_ESTIMATED);
    }

    @Test
    void theNetIsLessByRetriesJudgesAndTheHoldout() {
        Saved saved =
                stops(1_000, 30, rests(30)).plus(Saved.ofRetry(100, 100_000L)).plus(Saved.ofJudge(10, 20_000L));
        assertThat(Objects.requireNonNull(saved.net()).mean()).isEqualTo(970_000 - 30_000 - 100_000 - 20_000);
        assertThat(saved.pays()).isEqualTo(Saved.Pays.YES);
        assertThat(saved.plus(Saved.ofJudge(10, 800_000L)).pays()).isEqualTo(Saved.Pays.UNCLEAR);
        assertThat(saved.plus(Saved.ofJudge(10, 2_000_000L)).pays()).isEqualTo(Saved.Pays.NO);
        assertThat(saved.plus(Saved.ofRetry(10, null)).net())
                .as("a price is not known")
                .isNull();
    }

    @Test
    void whatIsNotCreditedAvoidsNothing() {
        Saved saved = Saved.ofStop(false, false).plus(Saved.ofRetry(10, 1_000L));
        assertThat(Objects.requireNonNull(saved.avoidedTokens()).mean()).isZero();
        assertThat(saved.pays()).isEqualTo(Saved.Pays.NO);
        assertThat(Saved.ofStop(false, false).pays()).as("it cost nothing").isEqualTo(Saved.Pays.NOT_ESTIMATED);
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.openai.com/v1, CLAIMED",
        "https://acme.openai.azure.com/v1, CLAIMED",
        "https://api.anthropic.com/v1, CLAIMED",
        "https://api.deepseek.com/v1, CLAIMED",
        "https://api.fireworks.ai/inference/v1, CLAIMED",
        "https://api.together.xyz/v1, CLAIMED",
        "https://api.x.ai/v1, CLAIMED",
        "http://127.0.0.1:8000/v1, CLAIMED",
        "http://[::1]:11434/v1, CLAIMED",
        "http://vllm:8000/v1, CLAIMED",
        "https://generativelanguage.googleapis.com/v1beta/openai, NONE",
        "https://api.groq.com/openai/v1, NONE",
        "https://api.mistral.ai/v1, NONE",
        "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1, NONE",
        "https://openrouter.ai/api/v1, NONE",
        "https://notopenai.com/v1, NONE"
    })
    void nobodyIsCreditedWithoutAGround(URI base, Abort abort) {
        assertThat(Abort.usual(base)).isEqualTo(abort);
    }
}
