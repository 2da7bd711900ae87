package dev.freshet.gateway.exchange;

import dev.freshet.gateway.stream.StreamLog;

/// What is known when the response's head leaves.
///
/// @param provider who is answering
/// @param attempts how many were begun
public record Head(StreamLog log, String provider, int attempts) {}
