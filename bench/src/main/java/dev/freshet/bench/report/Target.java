package dev.freshet.bench.report;

import java.util.List;

/// What is to be reached: a figure of the subject's, at most `most`.
///
/// @param metrics the target holds for the worst of these
/// @param kind what is made of them
public record Target(String text, Load load, List<Metric> metrics, double most, Kind kind) {
    private static final double FULL_CORE = 95;
    private static final double MICROS_PER_MILLI = 1000;
    private static final double MILLIS_PER_SECOND = 1000;

    /// What is made of a figure.
    public enum Kind {
        /// Divided by the baseline's.
        RATIO,
        /// What it adds to the direct way, in milliseconds.
        ADDED_MILLIS,
        /// The subject's own, in seconds.
        SECONDS
    }

    static Target ratio(String text, Load load, List<Metric> metrics, double most) {
        return new Target(text, load, metrics, most, Kind.RATIO);
    }

    static Target cpu(Load load, double most) {
        return ratio("CPU per token", load, List.of(Metric.CPU_PER_TOKEN), most);
    }

    static Target added(String text, Load load, Metric metric, double most) {
        return new Target(text, load, List.of(metric), most, Kind.ADDED_MILLIS);
    }

    static Target seconds(String text, Load load, Metric metric, double most) {
        return new Target(text, load, List.of(metric), most, Kind.SECONDS);
    }

    /// The target in words.
    String words(Comparison comparison) {
        String unit = switch (kind) {
            case RATIO -> "by " + comparison.baseline() + "'s";
            case ADDED_MILLIS -> "in ms";
            case SECONDS -> "in s";
        };
        return text + ", " + load.text() + ", " + unit;
    }

    /// What was reached; NaN where something for it was not measured.
    public double reached(Results results) {
        double worst = Double.NEGATIVE_INFINITY;
        for (Metric metric : metrics) worst = Math.max(worst, figure(results, metric));
        return worst;
    }

    private double figure(Results results, Metric metric) {
        return switch (kind) {
            case RATIO -> results.ratio(load, metric);
            case ADDED_MILLIS -> results.added(results.comparison().subject(), load, metric) / MICROS_PER_MILLI;
            case SECONDS -> results.median(results.comparison().subject(), load, metric) / MILLIS_PER_SECOND;
        };
    }

    /// Whether it is reached; false where it was not measured.
    public boolean passed(Results results) {
        return reached(results) <= most;
    }

    /// Whether the figure tells anything: a full core's CPU per token under paced streams does not, as
    /// tokens that wait for each other go together then, and every proxy's figure is its core divided by
    /// the same rate.
    public boolean tells(Results results) {
        if (!metrics.contains(Metric.CPU_PER_TOKEN) || load == Load.FULL) return true;
        Comparison comparison = results.comparison();
        return Math.max(
                        results.median(comparison.baseline(), load, Metric.PROXY_BUSY),
                        results.median(comparison.subject(), load, Metric.PROXY_BUSY))
                <= FULL_CORE;
    }
}
