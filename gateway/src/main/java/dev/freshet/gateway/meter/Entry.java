package dev.freshet.gateway.meter;

import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Usage;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the ledger says of one exchange. Immutable.
///
/// @param stream its id
/// @param model the name that the client asked for
/// @param served who was asked last
/// @param created in seconds since 1970
/// @param ended in seconds since 1970
/// @param outcome the word for how it ended
/// @param usage of all attempts; null where nothing is charged
/// @param nanoUsd what they cost; null where that is not known
/// @param attempts how many
/// @param atRisk how many of them may have cost the operator something, and are charged to nobody
/// @param firstTokenMillis from the request to the first content; -1 where none came
/// @param detail of the attempts, as JSON, where there were several
/// @param saved what guards saved and cost, by rule and model
public record Entry(
        String stream,
        Spender spender,
        String model,
        Served served,
        long created,
        long ended,
        String outcome,
        @Nullable Usage usage,
        @Nullable Long nanoUsd,
        int attempts,
        int atRisk,
        long firstTokenMillis,
        long durationMillis,
        @Nullable String detail,
        Map<SavedBy, Saved> saved) {
    private static final long DAY = 86_400;

    /// Of an exchange that a dead process left: its prompt, and nothing else that is known.
    static Entry left(Opened open, long now) {
        return new Entry(
                open.stream(),
                open.spender(),
                open.model(),
                open.served(),
                open.created(),
                now,
                "stream_interrupted",
                Usage.estimated(open.prompt(), 0).withSpread(ROUGH),
                open.nanoUsd(),
                1,
                0,
                -1,
                Math.max(0, now - open.created()) * 1_000,
                null,
                Map.of());
    }

    /// How far a guess by length may be off, in thousandths.
    public static final int ROUGH = 300;

    /// The day on which it ended, in days since 1970, by UTC.
    long day() {
        return Math.floorDiv(ended, DAY);
    }
}
