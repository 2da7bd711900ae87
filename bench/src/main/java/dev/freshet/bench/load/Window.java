package dev.freshet.bench.load;

/// What the clients read during one stretch of time. Owned by the load's thread.
public final class Window {
    private final Samples delays = new Samples();
    private final Samples firsts = new Samples();

    void token(long delayNanos) {
        delays.add(delayNanos);
    }

    void first(long nanos) {
        firsts.add(nanos);
    }

    /// From the provider's write of a token to the client's read of it, first tokens included.
    public Samples delays() {
        return delays;
    }

    /// From the client's write of a request to its read of the first token.
    public Samples firsts() {
        return firsts;
    }

    /// How many tokens were read.
    public int tokens() {
        return delays.size();
    }
}
