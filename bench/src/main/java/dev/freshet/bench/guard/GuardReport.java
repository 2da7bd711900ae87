package dev.freshet.bench.guard;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/// Runs [GuardBenchmark] and prints its figures as a Markdown table. Takes JMH's own options.
public final class GuardReport {
    private GuardReport() {}

    /// Runs it.
    public static void main(String[] args) throws RunnerException, CommandLineOptionException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .parent(new CommandLineOptions(args))
                        .include(GuardBenchmark.class.getName())
                        .shouldFailOnError(true)
                        .build())
                .run();
        System.out.printf(
                "%nMeasured on %s (UTC), JDK %s, %s.%n%n| rule | for each delta |%n|---|---|%n",
                LocalDate.now(ZoneOffset.UTC), Runtime.version(), System.getProperty("os.arch"));
        for (RunResult result : results) {
            Result<?> figure = result.getPrimaryResult();
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.0f ± %.0f ns |%n",
                    result.getParams().getParam("rule"),
                    figure.getScore(),
                    figure.getScoreError());
        }
    }
}
