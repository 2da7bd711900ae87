package dev.freshet.bench;

import java.time.Duration;

/// How long things are measured, and how often.
///
/// @param settle from a load's start to its window
/// @param window how long a load is measured
/// @param warmUp the most that a proxy is warmed up
record Plan(int rounds, Duration settle, Duration window, Duration warmUp) {
    static final Plan WHOLE = new Plan(3, Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(40));
    static final Plan QUICK = new Plan(1, Duration.ofMillis(800), Duration.ofMillis(1500), Duration.ofSeconds(12));
}
