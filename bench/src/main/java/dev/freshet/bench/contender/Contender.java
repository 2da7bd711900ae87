package dev.freshet.bench.contender;

import java.io.IOException;
import java.util.OptionalLong;

/// One of those that are compared: where clients reach it, and what it uses.
public sealed interface Contender extends AutoCloseable permits Direct, Nginx, Freshet {
    /// Its name in tables.
    String name();

    /// The loopback port that clients ask.
    int port();

    /// From its start until it was ready, in milliseconds; NaN where there is no process.
    double readyMillis();

    /// CPU time so far of all its processes, in nanoseconds; empty where there is no process.
    OptionalLong cpuNanos() throws IOException;

    /// What it holds in memory now.
    Footprint footprint() throws IOException;

    @Override
    void close() throws IOException;
}
