package dev.freshet.gateway.meter;

import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Usage;
import org.jspecify.annotations.Nullable;

/// What was spent beside an exchange's attempts: for a judge; or on an answer that was let run on, or read on.
/// It has no row of its own, and is in the daily totals. Immutable.
///
/// @param ended when, in seconds since 1970
/// @param spender who pays
/// @param model by its configured name
/// @param usage what was taken
/// @param nanoUsd what it cost; null where that is not known
/// @param key the id of the key whose exchange it was; empty where none was asked for
/// @param by whose stop it was about; null for nobody's
/// @param saved what it adds to what that rule saved and cost
public record Extra(
        long ended,
        Spender spender,
        String model,
        String provider,
        Usage usage,
        @Nullable Long nanoUsd,
        String key,
        @Nullable SavedBy by,
        Saved saved) {
    private static final long DAY = 86_400;

    /// Pays for the answers that are let run on: no key does.
    public static final Spender HOLDOUT = new Spender(null, "holdout", null, null, null, null);

    /// The day on which it ended, in days since 1970, by UTC.
    long day() {
        return Math.floorDiv(ended, DAY);
    }
}
