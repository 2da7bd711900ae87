package dev.freshet.gateway.guard;

/// One thing that an answer must not do, or must.
///
/// @param id names it in reports
/// @param check what it looks for
/// @param bounds where it looks
public record Rule(String id, Check check, Bounds bounds) {
    /// Where a rule looks: not at the first `afterChars` characters, and not beyond so many characters or
    /// tokens; [Integer#MAX_VALUE] for no bound.
    public record Bounds(int afterChars, int withinChars, int withinTokens) {
        public static final Bounds NONE = new Bounds(0, Integer.MAX_VALUE, Integer.MAX_VALUE);

        boolean tokens() {
            return withinTokens != Integer.MAX_VALUE;
        }
    }
}
