package dev.freshet.bench.report;

import java.util.List;

/// What is compared with what, and what is to be reached.
public enum Comparison {
    /// Freshet beside nginx.
    PUMP("nginx", "Freshet", "benchmarks"),
    /// The disk store beside the memory store.
    DISK("memory", "disk", "benchmarks-disk"),
    /// Keys, counting and the ledger beside none of them.
    LEDGER("bare", "ledger", "benchmarks-ledger"),
    /// Three rules that look at every token beside none.
    GUARDS("unguarded", "guarded", "benchmarks-guards");

    private final String baseline;
    private final String subject;
    private final String page;

    Comparison(String baseline, String subject, String page) {
        this.baseline = baseline;
        this.subject = subject;
        this.page = page;
    }

    /// The contender that it is compared with.
    public String baseline() {
        return baseline;
    }

    /// The contender that it is about.
    public String subject() {
        return subject;
    }

    /// The name of its page in the documentation, without an ending.
    public String page() {
        return page;
    }

    /// All contenders, as they stand in tables.
    public List<String> contenders() {
        return List.of("direct", baseline, subject);
    }

    /// The loads of each round, but for held streams.
    public List<Load> loads() {
        return switch (this) {
            case PUMP ->
                List.of(Load.STREAMS_200, Load.STREAMS_1000, Load.STREAMS_2000, Load.FULL, Load.REQUESTS, Load.BURSTS);
            case DISK, LEDGER, GUARDS -> List.of(Load.STREAMS_200, Load.STREAMS_1000, Load.FULL, Load.REQUESTS);
        };
    }

    /// Whether streams are held, to see what memory they take.
    public boolean holds() {
        return this == PUMP;
    }

    /// What is to be reached.
    public List<Target> targets() {
        return switch (this) {
            case PUMP ->
                List.of(
                        Target.cpu(Load.STREAMS_200, 1.4),
                        Target.cpu(Load.STREAMS_1000, 1.4),
                        Target.cpu(Load.STREAMS_2000, 1.4),
                        Target.cpu(Load.FULL, 1.4),
                        Target.ratio(
                                "time to the first token, median", Load.REQUESTS, List.of(Metric.FIRST_MEDIAN), 2.5),
                        Target.ratio(
                                "memory per held stream",
                                Load.HELD,
                                List.of(Metric.MEMORY_LIVE, Metric.MEMORY_RESIDENT),
                                1.0),
                        Target.seconds("until ready, with the AOT cache", Load.START, Metric.READY, 0.6));
            case DISK ->
                List.of(
                        Target.cpu(Load.STREAMS_200, 1.6),
                        Target.cpu(Load.STREAMS_1000, 1.6),
                        Target.cpu(Load.FULL, 1.6),
                        Target.added("added to a token's way, p99", Load.STREAMS_200, Metric.DELAY_P99, 10));
            case LEDGER ->
                List.of(
                        Target.cpu(Load.STREAMS_200, 1.15),
                        Target.cpu(Load.STREAMS_1000, 1.15),
                        Target.cpu(Load.FULL, 1.15));
            case GUARDS ->
                List.of(
                        Target.cpu(Load.STREAMS_200, 1.3),
                        Target.cpu(Load.STREAMS_1000, 1.3),
                        Target.cpu(Load.FULL, 1.3),
                        Target.ratio(
                                "time to the first token, median", Load.REQUESTS, List.of(Metric.FIRST_MEDIAN), 1.3),
                        Target.added("added to a token's way, p99", Load.STREAMS_200, Metric.DELAY_P99, 10));
        };
    }
}
