package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.Failure;

/// How an attempt ended.
public sealed interface AttemptEnd {
    /// The evidence of a complete answer was seen.
    record Completed() implements AttemptEnd {}

    /// @param failure what to tell the client if this was the last attempt
    /// @param anotherMayServe whether another target could do better: not where the request itself is at fault
    record Failed(Failure failure, boolean anotherMayServe) implements AttemptEnd {}
}
