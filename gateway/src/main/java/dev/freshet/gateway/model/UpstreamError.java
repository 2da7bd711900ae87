package dev.freshet.gateway.model;

import org.jspecify.annotations.Nullable;

/// What a provider said of its own failure, as far as clients may see it.
///
/// @param status the provider's HTTP status; 200 where the error came inside a stream
/// @param code its `error.code`, where it gave one
/// @param type its `error.type`, where it gave one
/// @param param its `error.param`, where it gave one
/// @param message its message; never shown uncleaned
public record UpstreamError(
        int status,
        @Nullable String code,
        @Nullable String type,
        @Nullable String param,
        @Nullable String message) {}
