package dev.freshet.bench.report;

import java.util.List;
import java.util.Locale;

/// The figures as Markdown.
public final class Table {
    private static final List<String> CONTENDERS = List.of("direct", "nginx", "Freshet");

    private final Results results;
    private final StringBuilder text = new StringBuilder();

    private Table(Results results) {
        this.results = results;
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
        for (Target target : Target.ALL) {
            text.append("| %s, %s, by nginx's | %s | %s | %s |\n"
                    .formatted(
                            target.text(),
                            target.load().text(),
                            ratio(target.most()),
                            ratio(target.reached(results)),
                            verdict(target)));
        }
        text.append("| tokens lost, all runs | 0 | %d | %s |\n\n".formatted(lost, lost == 0 ? "pass" : "**fail**"));
        text.append("| load | figure | direct | nginx | Freshet | Freshet / nginx |\n|---|---|---:|---:|---:|---:|\n");
    }

    private String verdict(Target target) {
        if (Double.isNaN(target.reached(results))) return "not measured";
        if (!target.tells(results)) return "a core is full: see the delays";
        return target.passed(results) ? "pass" : "**fail**";
    }

    private void section(Load load) {
        for (Metric metric : Metric.values()) {
            if (CONTENDERS.stream().allMatch(name -> Double.isNaN(results.median(name, load, metric)))) continue;
            row(load, metric);
            if (isTime(metric)) addedRow(load, metric);
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
        for (String contender : CONTENDERS) text.append(" | ").append(figure(results.median(contender, load, metric)));
        boolean compared = metric != Metric.PROXY_BUSY && metric != Metric.LOAD_BUSY;
        text.append(" | ")
                .append(compared ? ratio(results.ratio(load, metric)) : "")
                .append(" |\n");
    }

    private void addedRow(Load load, Metric metric) {
        double nginx = results.added("nginx", load, metric);
        double freshet = results.added("Freshet", load, metric);
        text.append("| %s | … added to direct | | %s | %s | %s |\n"
                .formatted(load.text(), figure(nginx), figure(freshet), ratio(freshet / nginx)));
    }

    private static String figure(double value) {
        if (Double.isNaN(value)) return "";
        return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%,.1f" : "%,.0f", value);
    }

    private static String ratio(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.2f", value);
    }
}
