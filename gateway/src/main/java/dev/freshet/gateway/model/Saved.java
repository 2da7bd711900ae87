package dev.freshet.gateway.model;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the stops of one rule avoided and cost, as sums that can be added up. Amounts are nano-dollars.
///
/// What a stop avoids cannot be seen: the answer was stopped. So a random share of the stops, the holdout,
/// lets its answer run on unseen; the mean of what came there, times the number of the others, is what those
/// avoided. Less by what the rule cost, that is the net.
///
/// @param stops of answers that were under way, from a provider whose billing stops with them
/// @param uncredited of others: where the provider bills on, or the answer had ended, or was itself a retry
/// @param held of `stops`, those that were let run on
/// @param tokens that came of those after their stop, as far as their ends were seen
/// @param nanoUsd what these cost; as many as `tokens`
/// @param mistaken of those seen, how many the judge would not have stopped, had it seen the whole answer
/// @param retries that it caused
/// @param judges what it asked other models
/// @param unknown how many of these amounts are not known, and count as zero
public record Saved(
        long stops,
        long uncredited,
        long held,
        Sample tokens,
        Sample nanoUsd,
        long mistaken,
        Calls retries,
        Calls judges,
        long unknown) {
    /// With fewer nothing is estimated.
    public static final int LEAST = 30;

    public static final Saved NOTHING = new Saved(0, 0, 0, Sample.NONE, Sample.NONE, 0, Calls.NONE, Calls.NONE, 0);

    /// Calls of models, and what they took.
    public record Calls(long count, long tokens, long nanoUsd) {
        public static final Calls NONE = new Calls(0, 0, 0);

        Calls plus(Calls other) {
            return new Calls(count + other.count, tokens + other.tokens, nanoUsd + other.nanoUsd);
        }
    }

    /// Whether a rule's stops save more than they cost.
    public enum Pays {
        YES,
        NO,
        /// The interval has both.
        UNCLEAR,
        /// Too few were held out, or a price is not known.
        NOT_ESTIMATED;

        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    public static Saved ofStop(boolean credited, boolean held) {
        return new Saved(
                credited ? 1 : 0,
                credited ? 0 : 1,
                held ? 1 : 0,
                Sample.NONE,
                Sample.NONE,
                0,
                Calls.NONE,
                Calls.NONE,
                0);
    }

    /// @param nanoUsd null where the price is not known
    public static Saved ofRest(long tokens, @Nullable Long nanoUsd, boolean mistaken) {
        long amount = nanoUsd == null ? 0 : nanoUsd;
        return new Saved(
                0,
                0,
                0,
                Sample.of((double) tokens),
                Sample.of((double) amount),
                mistaken ? 1 : 0,
                Calls.NONE,
                Calls.NONE,
                nanoUsd == null ? 1 : 0);
    }

    /// @param nanoUsd null where the price is not known
    public static Saved ofRetry(long tokens, @Nullable Long nanoUsd) {
        return ofCalls(new Calls(1, tokens, nanoUsd == null ? 0 : nanoUsd), Calls.NONE, nanoUsd == null);
    }

    /// @param nanoUsd null where the price is not known
    public static Saved ofJudge(long tokens, @Nullable Long nanoUsd) {
        return ofCalls(Calls.NONE, new Calls(1, tokens, nanoUsd == null ? 0 : nanoUsd), nanoUsd == null);
    }

    private static Saved ofCalls(Calls retries, Calls judges, boolean unknown) {
        return new Saved(0, 0, 0, Sample.NONE, Sample.NONE, 0, retries, judges, unknown ? 1 : 0);
    }

    public Saved plus(Saved other) {
        return new Saved(
                stops + other.stops,
                uncredited + other.uncredited,
                held + other.held,
                tokens.plus(other.tokens),
                nanoUsd.plus(other.nanoUsd),
                mistaken + other.mistaken,
                retries.plus(other.retries),
                judges.plus(other.judges),
                unknown + other.unknown);
    }

    /// How many tokens the stops avoided; null where that is not estimated.
    public @Nullable Estimate avoidedTokens() {
        return avoided(tokens);
    }

    /// What these would have cost, in nano-dollars; null where that is not estimated.
    public @Nullable Estimate avoidedNanoUsd() {
        return unknown > 0 ? null : avoided(nanoUsd);
    }

    private @Nullable Estimate avoided(Sample rest) {
        if (stops == 0) return new Estimate(0, 0, 0);
        return rest.n() < LEAST ? null : rest.sumOf(stops - held);
    }

    /// What retries, judges and the holdout cost, in nano-dollars, as far as it is known.
    public long cost() {
        return retries.nanoUsd() + judges.nanoUsd() + (long) nanoUsd.sum();
    }

    /// What is left of what was avoided, in nano-dollars: often less than nothing. Null where that is not
    /// estimated.
    public @Nullable Estimate net() {
        Estimate avoided = avoidedNanoUsd();
        return avoided == null ? null : avoided.minus((double) cost());
    }

    public Pays pays() {
        Estimate net = net();
        boolean nothing = stops == 0 && cost() == 0;
        if (net == null || nothing) return Pays.NOT_ESTIMATED;
        if (net.low() > 0) return Pays.YES;
        return net.high() < 0 ? Pays.NO : Pays.UNCLEAR;
    }
}
