package dev.freshet.bench.report;

import java.util.List;

/// What Freshet is to reach: a figure by nginx's, at most `most`.
///
/// @param metrics the target holds for the worst of these
public record Target(String text, Load load, List<Metric> metrics, double most) {
    private static final double FULL_CORE = 95;

    /// All of them.
    public static final List<Target> ALL = List.of(
            cpu(Load.STREAMS_200),
            cpu(Load.STREAMS_1000),
            cpu(Load.STREAMS_2000),
            cpu(Load.FULL),
            new Target("time to the first token, median", Load.REQUESTS, List.of(Metric.FIRST_MEDIAN), 2.5),
            new Target("memory per held stream", Load.HELD, List.of(Metric.MEMORY_LIVE, Metric.MEMORY_RESIDENT), 1.0));

    private static Target cpu(Load load) {
        return new Target("CPU per token", load, List.of(Metric.CPU_PER_TOKEN), 1.4);
    }

    /// Freshet's figure by nginx's; NaN where one of them was not measured.
    public double reached(Results results) {
        double worst = Double.NEGATIVE_INFINITY;
        for (Metric metric : metrics) worst = Math.max(worst, results.ratio(load, metric));
        return worst;
    }

    /// Whether it is reached; false where it was not measured.
    public boolean passed(Results results) {
        return reached(results) <= most;
    }

    /// Whether the figure tells anything: a full core's CPU per token under paced streams does not, as tokens that
    /// wait for each other go together then, and every proxy's figure is its core divided by the same rate.
    public boolean tells(Results results) {
        if (!metrics.contains(Metric.CPU_PER_TOKEN) || load == Load.FULL) return true;
        return Math.max(
                        results.median("nginx", load, Metric.PROXY_BUSY),
                        results.median("Freshet", load, Metric.PROXY_BUSY))
                <= FULL_CORE;
    }
}
