package dev.freshet.cli;

import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigException;
import dev.freshet.gateway.config.Environment;
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

    @Option(names = "--live", description = "Ask each target for one token (not in this version).")
    boolean live;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Override
    public Integer call() {
        if (live) throw new ConfigException("--live is not in this version; leave it out");
        Environment environment = Environment.of(System.getenv(), Path.of("").toAbsolutePath());
        Config config = new Settings(file, null, null, List.of(), environment).config();
        PrintWriter out = spec.commandLine().getOut();
        config.warnings().forEach(warning -> out.println("warning: " + warning));
        out.println((file == null ? "The environment" : file) + " is good: providers "
                + config.providers().keySet() + ", models " + config.models().keySet());
        out.flush();
        return 0;
    }
}
