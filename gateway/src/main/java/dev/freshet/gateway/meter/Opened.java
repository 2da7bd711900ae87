package dev.freshet.gateway.meter;

import org.jspecify.annotations.Nullable;

/// An exchange that has begun, as the ledger keeps it until it is settled. Immutable.
///
/// @param stream its id
/// @param model the name that the client asked for
/// @param served who is asked first
/// @param created in seconds since 1970
/// @param prompt how many tokens it has, roughly
/// @param nanoUsd what the prompt alone costs; null where that is not known
public record Opened(
        String stream,
        Spender spender,
        String model,
        Served served,
        long created,
        long prompt,
        @Nullable Long nanoUsd) {}
