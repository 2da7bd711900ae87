package dev.freshet.gateway.telemetry;

import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.StreamId;
import dev.freshet.gateway.model.Usage;
import org.jspecify.annotations.Nullable;

/// What is known of an exchange at its end.
///
/// @param model the configured name that served it, `*` included
/// @param firstTokenNanos from the request to the first content; -1 where none came
/// @param events entries in the log
/// @param bytes of those entries
/// @param usage of all attempts; null where nothing is charged
/// @param nanoUsd what they cost, in nano-dollars; null where that is not known
public record Settled(
        StreamId id,
        String model,
        String provider,
        int attempts,
        Outcome outcome,
        long firstTokenNanos,
        long durationNanos,
        long events,
        long bytes,
        @Nullable Usage usage,
        @Nullable Long nanoUsd) {}
