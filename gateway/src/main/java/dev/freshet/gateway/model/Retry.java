package dev.freshet.gateway.model;

import java.time.Duration;

/// How often a target is asked, and how long it is waited between.
///
/// @param attempts the most for one target
/// @param base the longest wait before the second attempt; it doubles with each
/// @param max the longest wait of all; a provider that asks for a longer one is not waited for
public record Retry(int attempts, Duration base, Duration max) {
    public static final Retry DEFAULT = new Retry(3, Duration.ofMillis(200), Duration.ofSeconds(10));
}
