package dev.freshet.sse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConformanceTest {
    @ParameterizedTest
    @MethodSource("dev.freshet.sse.ConformanceCase#all")
    void theWholeStreamGivesWhatTheCaseExpects(ConformanceCase aCase) {
        assertThat(aCase.decoded()).isEqualTo(aCase.expected());
    }

    @ParameterizedTest
    @MethodSource("dev.freshet.sse.ConformanceCase#all")
    void everySplitInTwoGivesTheSame(ConformanceCase aCase) {
        for (int split = 0; split <= aCase.bytes().length; split++) {
            Recording decoded = aCase.decoded(split);
            if (!decoded.equals(aCase.expected())) {
                assertThat(decoded).as("split at %d", split).isEqualTo(aCase.expected());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.freshet.sse.ConformanceCase#all")
    void byteByByteGivesTheSame(ConformanceCase aCase) {
        int[] everywhere = IntStream.range(0, aCase.bytes().length).toArray();
        assertThat(aCase.decoded(everywhere)).isEqualTo(aCase.expected());
    }

    @Test
    void randomSplitsInManyPiecesGiveTheSame() throws IOException {
        Random random = Seed.random("randomSplitsInManyPiecesGiveTheSame");
        for (ConformanceCase aCase : ConformanceCase.all().toList()) {
            for (int round = 0; round < 50; round++) {
                int[] cuts = Recording.randomCuts(random, aCase.bytes().length);
                assertThat(aCase.decoded(cuts)).as("%s cut at %s", aCase, cuts).isEqualTo(aCase.expected());
            }
        }
    }

    @Test
    void theSlowReferenceAgreesWithTheCases() throws IOException {
        for (ConformanceCase aCase : ConformanceCase.all().toList()) {
            if (aCase.expected().error() == null) {
                assertThat(ReferenceDecoder.decode(aCase.bytes()).events())
                        .as("%s", aCase)
                        .isEqualTo(aCase.expected().events());
            }
        }
    }

    @Test
    void thereAreCases() throws IOException {
        assertThat(ConformanceCase.all()).hasSizeGreaterThanOrEqualTo(80);
    }
}
