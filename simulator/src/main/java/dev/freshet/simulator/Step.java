package dev.freshet.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// One thing that a simulated provider does on its connection. What is written is exactly the bytes given, so
/// that a script can keep the rules of HTTP or break them. [Steps] makes the usual ones.
public sealed interface Step {
    /// Writes bytes, in one write.
    record Send(byte[] bytes) implements Step {}

    /// Waits. Waits add up from the answer's beginning, so that they do not drift.
    record Wait(Duration duration) implements Step {}

    /// Waits until a test opens the gate of that name ([Simulator#open]).
    record Gate(String name) implements Step {}

    /// The answer is over; the connection serves the next request.
    record End() implements Step {}

    /// Closes the connection: the client sees a FIN.
    record Close() implements Step {}

    /// Closes the connection with a reset: the client sees an RST.
    record Reset() implements Step {}

    /// Closes the connection without saying so in TLS; without TLS it is as [Close].
    record Drop() implements Step {}

    /// Does nothing until the client leaves.
    record Hang() implements Step {}

    /// Does nothing, and does not notice that the client leaves, as if its network had failed: for a minute,
    /// then the connection is reset.
    record Vanish() implements Step {}

    /// Says that the connection takes no more requests; what is under way goes on (RFC 9113, 6.8). Nothing over
    /// HTTP/1.1.
    record GoAway() implements Step {}

    /// Refuses the request before any work on it: over HTTP/2 by a reset, or by going away without it (RFC 9113,
    /// 8.7); over HTTP/1.1 the connection is closed.
    record Refuse(boolean goingAway) implements Step {}

    /// Resets the stream, as after an error of the provider's; over HTTP/1.1 the connection.
    record Abort() implements Step {}

    /// Does several steps again and again.
    ///
    /// @param times at least 1, or [#FOR_EVER]
    record Repeat(List<Step> steps, int times) implements Step {
        public static final int FOR_EVER = Integer.MAX_VALUE;

        /// @throws IllegalArgumentException where there is nothing to do, or one of them ends the answer
        public Repeat {
            steps = List.copyOf(steps);
            if (steps.isEmpty() || times < 1) throw new IllegalArgumentException("a repetition of nothing");
            if (steps.stream().anyMatch(Step::last))
                throw new IllegalArgumentException("what ends the answer can not be repeated");
        }
    }

    /// Whether nothing can follow it.
    default boolean last() {
        return switch (this) {
            case End _, Close _, Reset _, Drop _, Hang _, Vanish _, Refuse _, Abort _ -> true;
            case Repeat repeat -> repeat.times() == Repeat.FOR_EVER;
            case Send _, Wait _, Gate _, GoAway _ -> false;
        };
    }

    /// The steps up to the last one, which is added where it is missing: an answer that says nothing else ends.
    static List<Step> complete(List<Step> steps) {
        if (!steps.isEmpty() && steps.getLast().last()) return List.copyOf(steps);
        List<Step> all = new ArrayList<>(steps);
        all.add(new End());
        return List.copyOf(all);
    }
}
