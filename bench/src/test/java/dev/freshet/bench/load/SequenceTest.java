package dev.freshet.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SequenceTest {
    private final Tally tally = new Tally();
    private final Sequence sequence = new Sequence(tally);

    @Test
    void everyNumberOnceAndInOrderIsClean() {
        stream(5, 1, 2, 3, 4, 5);
        stream(3, 1, 2, 3);
        assertThat(tally.clean()).isTrue();
        assertThat(tally.streams()).isEqualTo(2);
    }

    @Test
    void whatIsMissingIsLostAtTheStartTheMiddleAndTheEnd() {
        stream(9, 2, 3, 6, 7);
        assertThat(tally.lost()).isEqualTo(5);
        assertThat(tally.reorderedTokens()).isZero();
        assertThat(tally.clean()).isFalse();
    }

    @Test
    void aLateTokenIsReorderedAndNotLost() {
        stream(4, 1, 3, 2, 4);
        assertThat(tally.reorderedTokens()).isEqualTo(1);
        assertThat(tally.lost()).isZero();
        assertThat(tally.clean()).isFalse();
    }

    @Test
    void aTokenThatComesAgainIsRepeated() {
        stream(3, 1, 2, 2, 1, 3);
        assertThat(tally.repeatedTokens()).isEqualTo(2);
        assertThat(tally.lost()).isZero();
        assertThat(tally.clean()).isFalse();
    }

    private void stream(int total, int... numbers) {
        sequence.restart();
        for (int number : numbers) sequence.received(number);
        sequence.ended(total);
    }
}
