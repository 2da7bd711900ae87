package dev.freshet.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllowanceTest {
    @ParameterizedTest
    @CsvSource({
        "a, a, true",
        "a, ab, false",
        "a*, a, true",
        "a*, abc, true",
        "a*, ba, false",
        "*a, ba, true",
        "*, anything/at-all, true",
        "a*c, abc, true",
        "a*c, ac, true",
        "a*c, a, false",
        "a*a, a, false",
        "a*b*c, axbyc, true",
        "a*b*c, acb, false",
        "a**b, ab, true",
        "aba*ba, aba, false",
        "a.c, abc, false"
    })
    void aStarStandsForAnyLetters(String pattern, String model, boolean allowed) {
        assertThat(new Allowance(List.of(pattern), null, null, null, null).allows(model))
                .isEqualTo(allowed);
    }

    @Test
    void noPatternTakesLong() {
        Allowance hostile = new Allowance(List.of("a*".repeat(2_000) + "b"), null, null, null, null);
        long began = System.nanoTime();
        assertThat(hostile.allows("a".repeat(100_000))).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }
}
