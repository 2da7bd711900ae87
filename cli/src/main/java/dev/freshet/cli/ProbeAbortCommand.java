package dev.freshet.cli;

import dev.freshet.gateway.AbortProbe;
import dev.freshet.gateway.AbortProbe.Finding;
import dev.freshet.gateway.AbortProbe.Measured;
import dev.freshet.gateway.AbortProbe.ProbeException;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigException;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.model.Abort;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Target;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `freshet probe-abort`: measures whether closing a stream stops its generation, and its billing.
@Command(
        name = "probe-abort",
        description = "Measure whether closing a stream stops its generation, and its billing. Costs a few answers.")
final class ProbeAbortCommand implements Callable<Integer> {
    private static final int MOST_ANSWERS = 1_000;

    @Option(names = "-c", paramLabel = "FILE", description = "The configuration that names the provider.")
    @Nullable
    Path file;

    @Option(names = "--model", paramLabel = "NAME", description = "Which of the provider's models is asked.")
    @Nullable
    String model;

    @Option(
            names = "--answers",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many answers are read, and how many closed; more where a balance is shown coarsely.")
    int answers = 1;

    @Parameters(paramLabel = "PROVIDER", description = "Its name in the configuration.")
    String name = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (answers < 1 || answers > MOST_ANSWERS)
            throw new ConfigException("--answers takes a number from 1 to " + MOST_ANSWERS);
        Environment environment = Environment.of(System.getenv(), Path.of("").toAbsolutePath());
        Config config = new Settings(file, null, null, List.of(), environment).config();
        try (Simulator simulator = Simulator.builder().start()) {
            return probe(config.withSimulated(simulator.baseUri()));
        }
    }

    private int probe(Config config) throws InterruptedException {
        Provider provider = config.providers().get(name);
        if (provider == null)
            throw new ConfigException("there is no provider `" + name + "`; there are: "
                    + config.providers().keySet());
        String asked = model == null ? model(config, provider) : model;
        PrintWriter out = spec.commandLine().getOut();
        out.println("Asking " + name + "/" + asked + " for " + answers + " whole and " + answers
                + " closed answers, about a minute…");
        out.flush();
        try (AbortProbe probe = new AbortProbe(provider, asked, answers, config.proxies())) {
            return tell(out, probe.run());
        } catch (ProbeException e) {
            spec.commandLine().getErr().println("freshet: " + e.getMessage());
            return 1;
        }
    }

    private static String model(Config config, Provider provider) {
        for (Model one : config.models().values())
            for (Target target : one.targets())
                if (target.provider().name().equals(provider.name())) {
                    String served = target.model() == null ? one.name() : target.model();
                    if (!served.equals(Model.ANY)) return served;
                }
        throw new ConfigException(
                "no model of `" + provider.name() + "` is configured by its name; say one with --model");
    }

    private int tell(PrintWriter out, Finding finding) {
        out.println("  a whole answer had " + finding.read() + " pieces, the others were closed after "
                + finding.closedAt());
        tell(out, "generation", finding.generation());
        tell(out, "billing", finding.billing());
        Abort abort = finding.abort();
        if (abort == null) {
            spec.commandLine()
                    .getErr()
                    .println("freshet: that is not clear; ask when nobody else uses " + name
                            + ", or with more --answers");
            return 1;
        }
        out.println("For the configuration:");
        out.println("providers:");
        out.println("  " + name + ":");
        out.println("    abort: " + abort.word() + "  # measured on " + LocalDate.now(ZoneOffset.UTC)
                + " by freshet probe-abort");
        out.flush();
        return 0;
    }

    private static void tell(PrintWriter out, String what, @Nullable Measured measured) {
        if (measured == null) {
            out.println("  " + what + ": the provider does not show it");
            return;
        }
        Boolean stops = measured.stops();
        out.printf(
                Locale.ROOT,
                "  %s: %s (%s: %.4f for whole answers, %.4f for closed ones; %.0f %% of the rest came)%n",
                what,
                stops == null ? "not clear" : stops ? "stops" : "goes on",
                measured.what(),
                measured.whole(),
                measured.cut(),
                100 * measured.share());
    }
}
