package dev.freshet.bench.load;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Gives every stream its turn once a period, the turns spread evenly over it. Owned by the load's thread.
final class Wheel implements LoadLoop.Duty {
    /// What has a place on the wheel.
    interface Paced {
        void due();
    }

    /// So many turns at most before arrivals are looked at: reading must not wait for a long queue of writes.
    private static final int MOST_IN_A_ROW = 8;

    /// Further behind than this, it drops what it owes instead of writing a burst.
    private static final long MOST_BEHIND_NANOS = Duration.ofMillis(200).toNanos();

    private final @Nullable Paced[] places;
    private final Deque<Integer> free = new ArrayDeque<>();
    private final long step;
    private int next;
    private long nextDue = System.nanoTime();

    Wheel(Duration period, int places) {
        this.places = new Paced[places];
        this.step = Math.max(1, period.toNanos() / places);
        for (int place = 0; place < places; place++) free.add(place);
    }

    int take(Paced paced) {
        Integer place = free.poll();
        if (place == null) throw new IllegalStateException("more streams than places: " + places.length);
        places[place] = paced;
        return place;
    }

    void leave(int place) {
        places[place] = null;
        free.add(place);
    }

    @Override
    public boolean turn(long now) {
        if (now - nextDue > MOST_BEHIND_NANOS) nextDue = now;
        int turns = 0;
        while (nextDue - now <= 0 && turns < MOST_IN_A_ROW) {
            Paced paced = places[next];
            next = next + 1 == places.length ? 0 : next + 1;
            nextDue += step;
            if (paced == null) continue;
            paced.due();
            turns++;
        }
        return turns > 0;
    }
}
