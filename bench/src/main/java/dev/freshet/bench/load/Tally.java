package dev.freshet.bench.load;

import org.jspecify.annotations.Nullable;

/// What went wrong over all streams of a trial. Owned by the load's thread.
public final class Tally {
    private long streams;
    private long lost;
    private long reordered;
    private long repeated;
    private long broken;
    private @Nullable String firstFault;

    void ended() {
        streams++;
    }

    void lost(long tokens) {
        lost += tokens;
    }

    void reordered() {
        reordered++;
    }

    void repeated() {
        repeated++;
    }

    /// A stream that did not come to its end, or was not one.
    void broken(String fault) {
        broken++;
        if (firstFault == null) firstFault = fault;
    }

    /// Streams that came to their end.
    public long streams() {
        return streams;
    }

    /// Tokens that were written and never read, of streams that ended.
    public long lost() {
        return lost;
    }

    /// Tokens that came after a later one.
    public long reorderedTokens() {
        return reordered;
    }

    /// Tokens that came again.
    public long repeatedTokens() {
        return repeated;
    }

    /// Streams without a whole end.
    public long brokenStreams() {
        return broken;
    }

    /// Whether every token of every stream came once and in order.
    public boolean clean() {
        return lost + reordered + repeated + broken == 0;
    }

    @Override
    public String toString() {
        String fault = firstFault == null ? "" : " (first: " + firstFault + ")";
        return "%d streams ended, %d tokens lost, %d reordered, %d repeated, %d streams broken%s"
                .formatted(streams, lost, reordered, repeated, broken, fault);
    }
}
