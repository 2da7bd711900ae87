package dev.freshet.gateway.access;

import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Owner;
import org.jspecify.annotations.Nullable;

/// Who asks. Immutable.
///
/// @param key the id of the key that was shown; null where none is asked for
/// @param team of the key, for reports
/// @param token of minutes, where one was shown and not the key itself
public record Caller(
        Owner owner,
        @Nullable String key,
        @Nullable String team,
        Allowance allowance,
        BrowserToken.@Nullable Used token) {
    /// The gateway itself, when it warms up: nobody pays for that.
    public static final Caller WARM_UP = new Caller(new Owner("warm-up"), null, null, Allowance.ALL, null);

    /// The id of its token of minutes, where one with a budget was shown.
    public @Nullable String tokenId() {
        return token == null || token.budget() == null ? null : token.id();
    }

    /// Where no key is asked for, everybody is the same one.
    public static final Caller ANYONE = new Caller(Owner.ANYONE, null, null, Allowance.ALL, null);
}
