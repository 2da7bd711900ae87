package dev.freshet.simulator;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// What a simulated model does with a request. Thread-safe; each request gets steps of its own.
@FunctionalInterface
public interface Script {
    /// The steps for one request; they may be made as they are needed.
    Iterator<Step> play(ChatCall call);

    /// The same steps for every request. Elements are steps, or lists of steps ([Steps#split]).
    ///
    /// @throws IllegalArgumentException where an element is neither
    static Script of(Object... steps) {
        List<Step> all = new ArrayList<>();
        for (Object step : steps) {
            switch (step) {
                case Step one -> all.add(one);
                case List<?> several -> several.forEach(one -> all.add((Step) one));
                default -> throw new IllegalArgumentException(step + " is no step");
            }
        }
        return of(all);
    }

    /// The same steps for every request.
    static Script of(List<Step> steps) {
        List<Step> all = Step.complete(steps);
        return _ -> new Unrolled(all);
    }

    /// One script for the first request, the next for the second, and so on; the last one for all that follow.
    static Script inTurn(Script... scripts) {
        AtomicInteger next = new AtomicInteger();
        return call -> scripts[Math.min(next.getAndIncrement(), scripts.length - 1)].play(call);
    }
}
