package dev.freshet.bench.report;

/// What is measured under a load. All of them are better when lower, except the rate.
public enum Metric {
    /// CPU time of the proxy's processes for one token.
    CPU_PER_TOKEN("CPU per token", "µs"),
    /// From the provider's write to the client's read, half of the tokens.
    DELAY_MEDIAN("token's way, median", "µs"),
    /// The same, 99 of 100 tokens.
    DELAY_P99("token's way, p99", "µs"),
    /// From the request to the first token's arrival, half of the streams.
    FIRST_MEDIAN("first token, median", "µs"),
    /// The same, 99 of 100 streams.
    FIRST_P99("first token, p99", "µs"),
    /// Tokens that the clients read.
    RATE("tokens read", "/s"),
    /// How much of its core the proxy used.
    PROXY_BUSY("proxy's core busy", "%"),
    /// How much of its core the load used.
    LOAD_BUSY("load's core busy", "%"),
    /// Growth of live memory for one held stream.
    MEMORY_LIVE("live memory per stream", "bytes"),
    /// Growth of resident memory for one held stream.
    MEMORY_RESIDENT("resident memory per stream", "bytes"),
    /// From the command to the first answer that says that it is ready.
    READY("until ready", "ms"),
    /// The same, without the JVM's AOT cache.
    READY_PLAIN("until ready, without the AOT cache", "ms");

    private final String text;
    private final String unit;

    Metric(String text, String unit) {
        this.text = text;
        this.unit = unit;
    }

    /// Its name in tables, with the unit.
    public String text() {
        return text + " (" + unit + ")";
    }

    /// Its unit.
    public String unit() {
        return unit;
    }
}
