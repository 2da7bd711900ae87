package dev.freshet.bench.sse;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/// Runs [SseCodecBenchmark] and prints its figures as a Markdown table. Takes JMH's own options.
public final class SseCodecReport {
    private static final Map<String, String> READS = new LinkedHashMap<>();

    static {
        READS.put("event", "one event");
        READS.put("1448", "1,448 bytes");
        READS.put("16384", "16,384 bytes");
    }

    private SseCodecReport() {}

    /// Runs it.
    public static void main(String[] args) throws RunnerException, CommandLineOptionException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .parent(new CommandLineOptions(args))
                        .include(SseCodecBenchmark.class.getName())
                        .shouldFailOnError(true)
                        .build())
                .run();
        System.out.println();
        System.out.println(table(results));
    }

    private static String table(Collection<RunResult> results) {
        Map<String, Result<?>> figures = new TreeMap<>();
        for (RunResult result : results) {
            Result<?> primary = result.getPrimaryResult();
            figures.put(primary.getLabel() + result.getParams().getParam("reads"), primary);
        }
        StringBuilder table = new StringBuilder(("Measured on %s (UTC), JDK %s, %s.%n%n"
                        + "| a read holds | Freshet, bytes | Freshet, strings | okhttp-sse | LaunchDarkly |"
                        + " the faster of them / bytes | / strings |%n|---|---|---|---|---|---|---|%n")
                .formatted(LocalDate.now(ZoneOffset.UTC), Runtime.version(), System.getProperty("os.arch")));
        READS.forEach((reads, name) -> table.append(row(figures, reads, name)));
        return table.toString();
    }

    private static String row(Map<String, Result<?>> figures, String reads, String name) {
        double faster = Math.min(score(figures, "okhttp" + reads), score(figures, "launchDarkly" + reads));
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | %s | %.1f | %.1f |%n",
                name,
                cell(figures, "view" + reads),
                cell(figures, "toEvent" + reads),
                cell(figures, "okhttp" + reads),
                cell(figures, "launchDarkly" + reads),
                faster / score(figures, "view" + reads),
                faster / score(figures, "toEvent" + reads));
    }

    private static double score(Map<String, Result<?>> figures, String key) {
        Result<?> result = figures.get(key);
        return result == null ? Double.NaN : result.getScore();
    }

    private static String cell(Map<String, Result<?>> figures, String key) {
        Result<?> result = figures.get(key);
        return result == null
                ? "-"
                : String.format(Locale.ROOT, "%.0f ± %.0f ns", result.getScore(), result.getScoreError());
    }
}
