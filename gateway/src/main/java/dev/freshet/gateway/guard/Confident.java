package dev.freshet.gateway.guard;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The last log probabilities of one text. Not thread-safe.
final class Confident {
    private final Guard guard;
    private final Confidence rule;
    private final double[] values;
    private final int[] begins; // where each token begins in the text
    private int count;
    private double sum;

    Confident(Guard guard, Confidence rule) {
        this.guard = guard;
        this.rule = rule;
        values = new double[rule.overTokens()];
        begins = new int[rule.overTokens()];
    }

    Guard guard() {
        return guard;
    }

    Confidence rule() {
        return rule;
    }

    /// Takes the next token's.
    ///
    /// @param begin where it begins in the text
    /// @param end and ends
    @Nullable
    Match take(double logprob, int begin, int end) {
        int at = count++ % values.length;
        if (count > values.length) sum -= values[at];
        values[at] = logprob;
        begins[at] = begin;
        sum += logprob;
        if (count < values.length) return null;
        double mean = sum / values.length;
        if (mean >= rule.below()) return null;
        String why = String.format(
                Locale.ROOT, "its tokens are improbable (mean logarithm %.2f over %d)", mean, values.length);
        return new Match(begins[count % values.length], end, end, why);
    }
}
