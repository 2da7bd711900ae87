package dev.freshet.gateway.access;

/// Makes tokens of minutes for browsers. Thread-safe.
public interface Tokens {
    /// A token, narrower than its key.
    ///
    /// @param caller who asked with the key itself
    String issue(Caller caller, BrowserToken wanted);

    /// Wall-clock time, in seconds since 1970.
    long now();
}
