package dev.freshet.gateway.telemetry;

import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.StreamId;

/// What is known of an exchange at its end.
///
/// @param model the configured name that served it, `*` included
/// @param firstTokenNanos from the request to the first content; -1 where none came
/// @param events entries in the log
/// @param bytes of those entries
public record Settled(
        StreamId id,
        String model,
        String provider,
        int attempts,
        Outcome outcome,
        long firstTokenNanos,
        long durationNanos,
        long events,
        long bytes) {}
