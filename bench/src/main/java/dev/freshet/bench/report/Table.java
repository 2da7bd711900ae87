package dev.freshet.bench.report;

import java.util.Locale;

/// The figures as Markdown.
public final class Table {
    private final Results results;
    private final Comparison comparison;
    private final StringBuilder text = new StringBuilder();

    private Table(Results results) {
        this.results = results;
        comparison = results.comparison();
    }

    /// The targets, and all figures.
    public static String of(Results results, Machine machine, long lost) {
        Table table = new Table(results);
        table.targets(lost);
        for (Load load : Load.values()) table.section(load);
        return machine.text() + "\n\n" + table.text;
    }

    private void targets(long lost) {
        text.append("| target | at most | reached | |\n|---|---|---|---|\n");
        for (Target target : comparison.targets()) {
            text.append("| %s | %s | %s | %s |\n"
                    .formatted(
                            target.words(comparison),
                            ratio(target.most()),
                            ratio(target.reached(results)),
                            verdict(target)));
        }
        text.append("| tokens lost, all runs | 0 | %d | %s |\n\n".formatted(lost, lost == 0 ? "pass" : "**fail**"));
        text.append("| load | figure | %s | %s / %s |\n|---|---|---:|---:|---:|---:|\n"
                .formatted(String.join(" | ", comparison.contenders()), comparison.subject(), comparison.baseline()));
    }

    private String verdict(Target target) {
        if (Double.isNaN(target.reached(results))) return "not measured";
        if (!target.tells(results)) return "a core is full: see the delays";
        return target.passed(results) ? "pass" : "**fail**";
    }

    private void section(Load load) {
        for (Metric metric : Metric.values()) {
            if (comparison.contenders().stream().allMatch(name -> Double.isNaN(results.median(name, load, metric))))
                continue;
            row(load, metric);
            if (isTime(metric) && !Double.isNaN(results.median("direct", load, metric))) addedRow(load, metric);
        }
    }

    private static boolean isTime(Metric metric) {
        return switch (metric) {
            case DELAY_MEDIAN, DELAY_P99, FIRST_MEDIAN, FIRST_P99 -> true;
            default -> false;
        };
    }

    private void row(Load load, Metric metric) {
        text.append("| ").append(load.text()).append(" | ").append(metric.text());
        for (String contender : comparison.contenders())
            text.append(" | ").append(figure(results.median(contender, load, metric)));
        boolean compared = metric != Metric.PROXY_BUSY && metric != Metric.LOAD_BUSY;
        text.append(" | ")
                .append(compared ? ratio(results.ratio(load, metric)) : "")
                .append(" |\n");
    }

    private void addedRow(Load load, Metric metric) {
        double baseline = results.added(comparison.baseline(), load, metric);
        double subject = results.added(comparison.subject(), load, metric);
        text.append("| %s | … added to direct | | %s | %s | %s |\n"
                .formatted(load.text(), figure(baseline), figure(subject), ratio(subject / baseline)));
    }

    private static String figure(double value) {
        if (Double.isNaN(value)) return "";
        return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%,.1f" : "%,.0f", value);
    }

    private static String ratio(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.2f", value);
    }
}
