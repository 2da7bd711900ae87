package dev.freshet.gateway.model;

import org.jspecify.annotations.Nullable;

/// How a stream ended. There is exactly one for each, and the end of the bytes alone is none.
public sealed interface Outcome {
    /// The provider's evidence of a complete answer was seen.
    record Completed() implements Outcome {}

    /// Every reader left, or someone stopped it.
    record Cancelled(Failure why) implements Outcome {}

    /// Anything else.
    record Failed(Failure failure) implements Outcome {}

    /// What the readers were told; null where the answer is complete.
    default @Nullable Failure failure() {
        return switch (this) {
            case Completed _ -> null;
            case Cancelled cancelled -> cancelled.why();
            case Failed failed -> failed.failure();
        };
    }

    /// The word for logs and metrics.
    default String word() {
        return switch (this) {
            case Completed _ -> "completed";
            case Cancelled _ -> "cancelled";
            case Failed failed -> failed.failure().code().wireName();
        };
    }
}
