package dev.freshet.client;

/// Looks at an answer while it comes, to stop what goes off track before more is paid for. A rule that calls
/// share must be safe in any thread.
@FunctionalInterface
public interface StopRule {
    /// Called after each piece of content, on one of the client's threads, one at a time for a call. Must
    /// not block.
    ///
    /// @param text of the first choice so far; to be used within this call only
    /// @param tokens pieces of content so far: about as many as tokens
    /// @return whether to stop
    boolean stop(CharSequence text, int tokens);
}
