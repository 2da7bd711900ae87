package dev.freshet.bench;

import dev.freshet.bench.contender.Contender;
import dev.freshet.bench.load.LoadClient;
import dev.freshet.bench.load.LoadLoop;
import dev.freshet.bench.load.Window;
import java.io.IOException;
import java.time.Duration;

/// One measured stretch of time.
///
/// @param cpuNanos CPU time of the proxy in it; NaN where there is no proxy
record Stretch(Window window, double nanos, double cpuNanos, double idleNanos) {
    /// Runs the load for so long.
    static Stretch measure(LoadLoop loop, Contender contender, LoadClient client, Duration time) throws IOException {
        double cpu = cpu(contender);
        long idle = loop.idleNanos();
        long start = System.nanoTime();
        Window window = client.startWindow();
        loop.run(time);
        long nanos = System.nanoTime() - start;
        Stretch stretch = new Stretch(window, nanos, cpu(contender) - cpu, loop.idleNanos() - idle);
        client.startWindow();
        return stretch;
    }

    private static double cpu(Contender contender) throws IOException {
        var nanos = contender.cpuNanos();
        return nanos.isPresent() ? nanos.getAsLong() : Double.NaN;
    }

    /// The proxy's CPU time for one token, in nanoseconds.
    double cpuPerToken() {
        return cpuNanos / window.tokens();
    }

    /// Tokens read in a second.
    double rate() {
        return window.tokens() * 1e9 / nanos;
    }

    /// The part (0 to 1) of its core that the proxy used.
    double proxyBusy() {
        return cpuNanos / nanos;
    }

    /// The part (0 to 1) of its core that the load used.
    double loadBusy() {
        return 1 - idleNanos / nanos;
    }
}
