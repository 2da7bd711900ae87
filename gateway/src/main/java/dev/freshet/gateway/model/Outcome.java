package dev.freshet.gateway.model;

/// How a stream ended. There is exactly one for each, and the end of the bytes alone is none.
public sealed interface Outcome {
    /// The provider's evidence of a complete answer was seen.
    record Completed() implements Outcome {}

    /// Every reader left, or someone stopped it.
    record Cancelled() implements Outcome {}

    /// Anything else.
    record Failed(Failure failure) implements Outcome {}

    /// The word for logs and metrics.
    default String word() {
        return switch (this) {
            case Completed _ -> "completed";
            case Cancelled _ -> "cancelled";
            case Failed failed -> failed.failure().code().wireName();
        };
    }
}
