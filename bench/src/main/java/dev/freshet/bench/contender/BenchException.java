package dev.freshet.bench.contender;

/// The benchmark cannot run; the message says why, and the cure.
public final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// With that message.
    public BenchException(String message) {
        super(message);
    }
}
