package dev.freshet.gateway.exchange;

import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.stream.Claim;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a client asks for.
///
/// @param callerKey the client's own Bearer, for providers that are asked with it
/// @param caller who asks
/// @param ids whether it wants to know the stream's id as soon as there is one
/// @param grace how long the stream is to go on without any reader; null where the client says nothing
/// @param tag of its `Freshet-Tag`, for the ledger; null where it has none
/// @param guards those that it names; null where it names none
/// @param claim of its Idempotency-Key; null where it has none
public record Asked(
        ChatRequest request,
        @Nullable String callerKey,
        Caller caller,
        boolean ids,
        @Nullable Duration grace,
        @Nullable String tag,
        @Nullable String guards,
        @Nullable Claim claim) {
    @Override
    public String toString() {
        return "Asked[" + request.model() + "]";
    }
}
