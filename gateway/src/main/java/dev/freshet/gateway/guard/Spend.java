package dev.freshet.gateway.guard;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// `spend`: what an answer may take. A rule of its own kind, because it looks at no text. Immutable.
///
/// @param id names it in reports
/// @param nanoUsd what all attempts may cost, in nano-dollars; null for any
/// @param tokens how many tokens all attempts may give; null for any
/// @param time how long all may take; null for any
/// @param tokensPerSecondBelow how fast an attempt must be, once it has run for a while; 0 for any
/// @param stall how long an attempt may be silent after its first token; null for as long as `idle` says
public record Spend(
        String id,
        @Nullable Long nanoUsd,
        @Nullable Integer tokens,
        @Nullable Duration time,
        double tokensPerSecondBelow,
        @Nullable Duration stall) {
    /// Whether time matters.
    public boolean timed() {
        return time != null || stall != null || tokensPerSecondBelow > 0;
    }
}
