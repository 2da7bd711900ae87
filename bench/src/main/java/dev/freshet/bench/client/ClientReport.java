package dev.freshet.bench.client;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/// Runs [ClientBenchmark] and prints its figures as a Markdown table. Takes JMH's own options.
public final class ClientReport {
    private static final String OURS = "Freshet";

    private ClientReport() {}

    private record Figures(double nanos, double error, double bytes) {}

    /// Runs it.
    public static void main(String[] args) throws RunnerException, CommandLineOptionException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .parent(new CommandLineOptions(args))
                        .include(ClientBenchmark.class.getName())
                        .addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .build())
                .run();
        System.out.println();
        System.out.println(table(results));
    }

    private static String table(Collection<RunResult> results) {
        Map<String, Figures> figures = new TreeMap<>();
        for (RunResult result : results) {
            Result<?> time = result.getPrimaryResult();
            Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
            double bytes = allocated == null ? Double.NaN : allocated.getScore();
            figures.put(
                    result.getParams().getParam("client"), new Figures(time.getScore(), time.getScoreError(), bytes));
        }
        StringBuilder table = new StringBuilder("Measured on %s (UTC), JDK %s, %s.%n%n"
                .formatted(LocalDate.now(ZoneOffset.UTC), Runtime.version(), System.getProperty("os.arch")));
        table.append("| client | a token | of ours | allocates | of ours |%n|---|---|---|---|---|%n".formatted());
        Figures ours = figures.getOrDefault(OURS, new Figures(Double.NaN, 0, Double.NaN));
        figures.entrySet().stream()
                .sorted((a, b) ->
                        Double.compare(a.getValue().nanos(), b.getValue().nanos()))
                .forEach(entry -> table.append(row(entry.getKey(), entry.getValue(), ours)));
        return table.toString();
    }

    private static String row(String name, Figures of, Figures ours) {
        return String.format(
                Locale.ROOT,
                "| %s | %.0f ± %.0f ns | %.1f | %,.0f bytes | %.1f |%n",
                name,
                of.nanos(),
                of.error(),
                of.nanos() / ours.nanos(),
                of.bytes(),
                of.bytes() / ours.bytes());
    }
}
