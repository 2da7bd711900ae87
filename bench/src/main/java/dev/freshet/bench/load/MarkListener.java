package dev.freshet.bench.load;

/// Hears what a stream's text says.
interface MarkListener {
    /// A token, with its number (from 1) and the [System#nanoTime] at which it was written.
    void token(int number, long stamp);

    /// The finish chunk: the provider wrote so many tokens.
    void finish(int total);
}
