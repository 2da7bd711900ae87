package dev.freshet.gateway.guard;

import dev.freshet.gateway.model.Budget;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// `judge`: another model is asked what it thinks of an answer's beginning, while the rest arrives. A rule of
/// its own kind, because its verdict comes later, or never. Immutable.
///
/// @param id names it in reports
/// @param model who is asked, by its configured name
/// @param atTokens how many tokens of a text it is shown; all of a shorter one
/// @param timeout how long anything waits for it, its connection included
/// @param stopsUnheard whether the answer is stopped where it says nothing: too late, nonsense, or nothing
/// at all because it is down or its budget is used up
/// @param stopAbove how sure it must be that the answer is off track, from 0 to 1
/// @param question what it is asked; null for whether the answer goes off track
/// @param budget what this rule may spend on it; null for no bound
public record Judge(
        String id,
        String model,
        int atTokens,
        Duration timeout,
        boolean stopsUnheard,
        double stopAbove,
        @Nullable String question,
        @Nullable Budget budget) {
    public static final int USUAL_AT = 64;
    public static final Duration USUAL_TIMEOUT = Duration.ofMillis(700);
    public static final double USUAL_ABOVE = 0.8;
}
