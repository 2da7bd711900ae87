package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Timeouts;
import org.jspecify.annotations.Nullable;

/// One request to a provider.
///
/// @param body the request's bytes, as the target wants them
/// @param stream whether an event stream was asked for
/// @param bearer the key that it carries; null for none
/// @param maxEvent the largest event that is read, in bytes
/// @param maxWhole the largest whole answer that is read, in bytes
public record Call(
        Target target,
        byte[] body,
        boolean stream,
        Timeouts timeouts,
        @Nullable String bearer,
        int maxEvent,
        int maxWhole) {
    @Override
    public String toString() {
        return "Call[" + target.provider().name() + ", " + body.length + " bytes]";
    }
}
