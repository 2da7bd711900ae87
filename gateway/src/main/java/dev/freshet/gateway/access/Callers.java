package dev.freshet.gateway.access;

import dev.freshet.gateway.model.Owner;
import org.jspecify.annotations.Nullable;

/// Says who asks. Thread-safe.
@FunctionalInterface
public interface Callers {
    /// Where no key is asked for, everybody is the same one.
    Callers ANYONE = _ -> Owner.ANYONE;

    /// @param bearer the request's key; null where it has none
    Owner owner(@Nullable String bearer);
}
