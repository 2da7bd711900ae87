package dev.freshet.bench.load;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// Holds one stream to "each number once, in order". Not thread-safe.
final class Sequence {
    private final Tally tally;
    private int last;
    private @Nullable BitSet missing;

    Sequence(Tally tally) {
        this.tally = tally;
    }

    void restart() {
        last = 0;
        missing = null;
    }

    void received(int number) {
        if (number == last + 1) last = number;
        else if (number > last) skippedTo(number);
        else if (missing != null && missing.get(number)) late(missing, number);
        else tally.repeated();
    }

    /// The stream ended, and its provider wrote `total` tokens.
    void ended(int total) {
        long gaps = missing == null ? 0 : missing.cardinality();
        tally.lost(gaps + Math.max(0, total - last));
        tally.ended();
    }

    private void skippedTo(int number) {
        if (missing == null) missing = new BitSet();
        missing.set(last + 1, number);
        last = number;
    }

    private void late(BitSet gaps, int number) {
        gaps.clear(number);
        tally.reordered();
    }
}
