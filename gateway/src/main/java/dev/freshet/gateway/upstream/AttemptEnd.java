package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Remedy;
import org.jspecify.annotations.Nullable;

/// How an attempt ended.
public sealed interface AttemptEnd {
    /// What went wrong; null where nothing did.
    default @Nullable Failure failure() {
        return null;
    }

    /// The evidence of a complete answer was seen.
    record Completed() implements AttemptEnd {}

    /// @param failure what to tell the client if this was the last attempt
    /// @param remedy what may help, where it had given no content
    /// @param atRisk whether the provider may have billed it although it gave nothing
    record Failed(Failure failure, Remedy remedy, boolean atRisk) implements AttemptEnd {}
}
