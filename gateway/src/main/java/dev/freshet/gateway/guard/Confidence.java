package dev.freshet.gateway.guard;

/// `confidence`: the mean log probability of so many tokens in a row must not be below this. A rule of its own
/// kind, because it looks at what the provider says of its tokens, where it says that. Immutable.
///
/// @param id names it in reports
/// @param below natural logarithm; 0 is certain
/// @param overTokens how many tokens
public record Confidence(String id, double below, int overTokens) {
    public static final int USUAL_OVER = 20;
}
