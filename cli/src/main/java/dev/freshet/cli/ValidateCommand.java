package dev.freshet.cli;

import dev.freshet.gateway.LiveCheck;
import dev.freshet.gateway.LiveCheck.Finding;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `freshet validate`: reads a configuration as `serve` would, and says what is wrong with it.
@Command(name = "validate", description = "Read a configuration and say what is wrong with it.")
final class ValidateCommand implements Callable<Integer> {
    @Option(
            names = "-c",
            paramLabel = "FILE",
            description = "The configuration; without one: what the environment gives.")
    @Nullable
    Path file;

    @Option(names = "--live", description = "Ask each target for one token, and show when it came, or why not.")
    boolean live;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Environment environment = Environment.of(System.getenv(), Path.of("").toAbsolutePath());
        Config config = new Settings(file, null, null, List.of(), environment).config();
        PrintWriter out = spec.commandLine().getOut();
        config.warnings().forEach(warning -> out.println("warning: " + warning));
        out.println((file == null ? "The environment" : file) + " is good: providers "
                + config.providers().keySet() + ", models " + config.models().keySet());
        out.flush();
        return live && !liveCheck(config, out) ? 1 : 0;
    }

    /// @return whether nothing failed
    private static boolean liveCheck(Config config, PrintWriter out) throws IOException {
        try (Simulator simulator = Simulator.builder().start();
                LiveCheck check = new LiveCheck(config.withSimulated(simulator.baseUri()))) {
            if (config.models().isEmpty())
                out.println("There is no model to ask for: --live needs `models` in a file.");
            boolean good = true;
            for (LiveCheck.Check one : check.start()) {
                LiveCheck.Finding finding = one.finding().join();
                out.println("  " + one.who() + ": " + words(finding));
                out.flush();
                good &= !(finding instanceof Finding.Fails);
            }
            return good;
        }
    }

    private static String words(LiveCheck.Finding finding) {
        return switch (finding) {
            case Finding.Answers(var after) -> "first token after " + after.toMillis() + " ms";
            case Finding.Fails(var failure) -> "fails: " + failure.message();
            case Finding.NotAsked(var why) -> "not asked, because " + why;
        };
    }
}
