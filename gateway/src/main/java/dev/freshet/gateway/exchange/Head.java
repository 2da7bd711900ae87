package dev.freshet.gateway.exchange;

import dev.freshet.gateway.stream.StreamLog;

/// What is known when the response's head leaves.
///
/// @param model the name that the client asked for
/// @param provider who is answering
/// @param attempts how many were begun
public record Head(StreamLog log, String model, String provider, int attempts) {}
