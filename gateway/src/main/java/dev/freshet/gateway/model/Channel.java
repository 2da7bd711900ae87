package dev.freshet.gateway.model;

/// What a piece of an answer is part of.
public enum Channel {
    /// What people are shown as the answer; refusals too.
    VISIBLE,
    /// What reasoning models show of their thoughts.
    REASONING,
    /// What a tool is to be called with.
    TOOL_ARGUMENTS;

    /// As configurations and reports have it.
    public String word() {
        return switch (this) {
            case VISIBLE -> "visible";
            case REASONING -> "reasoning";
            case TOOL_ARGUMENTS -> "tool_arguments";
        };
    }
}
