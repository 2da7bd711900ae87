package dev.freshet.simulator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// Steps one after another, those of repetitions as often as they say; made as they are needed, because
/// there may be no end of them.
final class Unrolled implements Iterator<Step> {
    private final Deque<Level> levels = new ArrayDeque<>();

    /// A list of steps that is being gone through.
    private static final class Level {
        private final List<Step> steps;
        private int left;
        private int at;

        Level(List<Step> steps, int times) {
            this.steps = steps;
            left = times;
        }

        /// @return whether there is a step here
        boolean rewound() {
            if (at < steps.size()) return true;
            if (left == Step.Repeat.FOR_EVER || --left > 0) at = 0;
            return at < steps.size();
        }
    }

    Unrolled(List<Step> steps) {
        levels.push(new Level(steps, 1));
    }

    @Override
    public boolean hasNext() {
        while (!levels.isEmpty()) {
            Level here = levels.element();
            if (!here.rewound()) {
                levels.pop();
            } else if (here.steps.get(here.at) instanceof Step.Repeat(var steps, int times)) {
                here.at++;
                levels.push(new Level(steps, times));
            } else {
                return true;
            }
        }
        return false;
    }

    @Override
    public Step next() {
        if (!hasNext()) throw new NoSuchElementException();
        Level here = levels.element();
        return here.steps.get(here.at++);
    }
}
