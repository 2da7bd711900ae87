package dev.freshet.gateway.model;

/// What may help after an attempt that failed before its first content.
public enum Remedy {
    /// Nothing was sent, so nothing was billed: any target, the same one too.
    ANY_TARGET,
    /// The same target, a little later.
    SAME_TARGET_LATER,
    /// Another target: this one has failed, or may have billed.
    ANOTHER_TARGET,
    /// Nothing: the request itself is at fault.
    NONE
}
