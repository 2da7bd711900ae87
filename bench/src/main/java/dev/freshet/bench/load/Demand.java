package dev.freshet.bench.load;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// When streams begin, and how long they are. One for each [LoadClient]; owned by the load's thread.
public final class Demand implements LoadLoop.Duty {
    /// So many requests at most before answers are looked at.
    private static final int MOST_IN_A_ROW = 8;

    private final long intervalNanos;
    private final int atOnce;
    private final int tokens;
    private final boolean staggered;
    private @Nullable LoadClient client;
    private long nextDue = System.nanoTime();
    private int owed;
    private int begun;

    private Demand(Duration interval, int atOnce, int tokens, boolean staggered) {
        this.intervalNanos = interval.toNanos();
        this.atOnce = atOnce;
        this.tokens = tokens;
        this.staggered = staggered;
    }

    /// Every connection has a stream: as one ends the next begins. The first ones differ in length, so that the ends
    /// are spread evenly over time. They begin 0.2 ms apart.
    public static Demand steady(int tokens) {
        return new Demand(Duration.ofNanos(200_000), 1, tokens, true);
    }

    /// One stream each interval, where a connection is free.
    public static Demand every(Duration interval, int tokens) {
        return new Demand(interval, 1, tokens, false);
    }

    /// `count` streams at once, each interval.
    public static Demand bursts(Duration interval, int count, int tokens) {
        return new Demand(interval, count, tokens, false);
    }

    void from(LoadClient streams) {
        client = streams;
        nextDue = System.nanoTime();
    }

    @Override
    public boolean turn(long now) {
        if (client == null) return false;
        if (owed == 0 && nextDue - now <= 0) {
            owed = atOnce;
            nextDue = Math.max(nextDue + intervalNanos, now - intervalNanos);
        }
        int begins = Math.min(Math.min(owed, MOST_IN_A_ROW), client.freeStreams());
        for (int i = 0; i < begins; i++) client.begin(length());
        owed -= begins;
        return begins > 0;
    }

    private int length() {
        // 7919 is prime: neighbours differ widely, and every length occurs.
        return staggered && begun < tokens ? 2 + (int) (begun++ * 7919L % tokens) : tokens;
    }
}
