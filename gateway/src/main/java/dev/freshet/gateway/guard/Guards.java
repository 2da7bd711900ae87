package dev.freshet.gateway.guard;

import java.util.Map;

/// All guards that are configured, and what they may do together. Immutable.
///
/// @param byName those that models and requests name
/// @param attempts how many answers to one request guards may have begun, the first included
/// @param spendFactor what all attempts together may cost, as a multiple of the most that one can
public record Guards(Map<String, Guard> byName, int attempts, double spendFactor) {
    public static final Guards NONE = new Guards(Map.of(), 2, 1.5);

    public Guards {
        byName = Map.copyOf(byName);
    }
}
