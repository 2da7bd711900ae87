package dev.freshet.gateway.meter;

import org.jspecify.annotations.Nullable;

/// For whom something was spent. Immutable.
///
/// @param key the id of the key; null where none was asked for
/// @param owner whose the key is
/// @param user what the request's body says
/// @param tag what its `Freshet-Tag` says
/// @param token of minutes, that was shown instead of the key: its id
public record Spender(
        @Nullable String key,
        String owner,
        @Nullable String team,
        @Nullable String user,
        @Nullable String tag,
        @Nullable String token) {}
