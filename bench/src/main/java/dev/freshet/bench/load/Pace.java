package dev.freshet.bench.load;

/// When the provider writes a stream's tokens after the first, which it writes at once.
public enum Pace {
    /// Each stream every 20 ms, the streams spread evenly over that time.
    PACED,
    /// The next one as soon as a client has read the last one.
    UNPACED,
    /// Never: the stream stays open.
    HELD
}
