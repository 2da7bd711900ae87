package dev.freshet.gateway.access;

import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Owner;
import org.jspecify.annotations.Nullable;

/// Who asks. Immutable.
///
/// @param key the id of the key that was shown; null where none is asked for
/// @param token whether a token of minutes was shown, and not the key itself
public record Caller(Owner owner, @Nullable String key, Allowance allowance, boolean token) {
    /// Where no key is asked for, everybody is the same one.
    public static final Caller ANYONE = new Caller(Owner.ANYONE, null, Allowance.ALL, false);
}
