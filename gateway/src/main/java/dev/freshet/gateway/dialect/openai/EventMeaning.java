package dev.freshet.gateway.dialect.openai;

/// What an event from a provider is to the gateway.
public enum EventMeaning {
    /// It carries a non-empty delta: text, reasoning, refusal, tool call or audio.
    CONTENT,
    /// What the answer takes, and nothing else.
    USAGE,
    /// A role, a finish reason, an empty delta, or something that is not known: passed on, but no
    /// content.
    OTHER,
    /// `[DONE]`.
    DONE,
    /// The provider reports a failure.
    ERROR
}
