package dev.freshet.gateway.http;

import java.time.Duration;

/// What connections are told when the gateway is about to stop: finish what is under way, and end.
enum Drain {
    NOW;

    /// How long a connection that rests stays open after it was told: a request that was on its way gets an answer,
    /// which says 503, and not a reset (RFC 9113, 6.8, "at least one round-trip time").
    static final Duration NOTICE = Duration.ofMillis(100);
}
