package dev.freshet.bench.contender;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CoresTest {
    @Test
    void theFirstTwoThatMayBeUsedAreTaken() {
        assertThat(Cores.firstTwo(Cores.parse("0-1"))).isEqualTo(new Cores(0, 1, false));
        assertThat(Cores.firstTwo(Cores.parse("3,6-8"))).isEqualTo(new Cores(3, 6, false));
    }

    @Test
    void oneCoreIsTooFewAndTheMessageSaysSo() {
        assertThatThrownBy(() -> Cores.firstTwo(Cores.parse("5")))
                .isInstanceOf(BenchException.class)
                .hasMessageContaining("one core only [5]");
    }
}
