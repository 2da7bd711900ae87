package dev.freshet.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Properties;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `freshet version`: version, build, JDK.
@Command(name = "version", description = "Print the version, the build and the JDK.")
final class VersionCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Properties build = new Properties();
        try (InputStream in = VersionCommand.class.getResourceAsStream("build.properties")) {
            if (in != null) build.load(in);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("freshet " + build.getProperty("version", "unknown") + " (build "
                + build.getProperty("commit", "unknown") + ", JDK " + Runtime.version() + ")");
        return 0;
    }
}
