package dev.freshet.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void quantilesAreByNearestRank() {
        Samples samples = new Samples();
        for (int value = 100_000; value >= 1; value--) samples.add(value);
        assertThat(samples.size()).isEqualTo(100_000);
        assertThat(samples.quantile(0.5)).isEqualTo(50_000);
        assertThat(samples.quantile(0.99)).isEqualTo(99_000);
        assertThat(samples.quantile(1)).isEqualTo(100_000);
    }

    @Test
    void noSamplesHaveNoQuantile() {
        assertThat(new Samples().quantile(0.5)).isNaN();
    }
}
