package dev.freshet.cli;

import dev.freshet.gateway.config.ConfigException;
import dev.freshet.simulator.Fault;
import dev.freshet.simulator.FaultAddress;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `freshet simulate`: the simulated provider alone, for who tests a client.
@Command(name = "simulate", description = "Run the simulated provider alone.")
final class SimulateCommand implements Callable<Integer> {
    private static final int DEFAULT_PORT = 8090;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "The port to listen on, 8090 unless told otherwise; 0 takes any free one.")
    int port = DEFAULT_PORT;

    @Option(names = "--script", paramLabel = "FILE", description = "Scripted models, as YAML.")
    @Nullable
    Path script;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (port < 0 || port > 65_535) throw new ConfigException("--port takes a number from 0 to 65535");
        try (Simulator simulator = start()) {
            PrintWriter out = spec.commandLine().getOut();
            out.println("The simulator is ready.");
            out.println("  API      " + simulator.baseUri());
            out.println("  TLS      " + simulator.tlsUri() + " (to be trusted: " + root(simulator) + "ca.pem)");
            out.println("  models   " + String.join(", ", simulator.names()) + ", tokens-N, tokens-N-at-R");
            out.println("  faults   " + faults());
            out.println("  broken   (addresses where connecting fails)");
            for (FaultAddress address : simulator.addresses()) {
                out.printf("    %d  %-30s  %s%n", address.row(), address.base(), address.what());
            }
            out.println("  All of it, with what each does: " + root(simulator));
            out.flush();
            return UntilStopped.await();
        }
    }

    private static String root(Simulator simulator) {
        return simulator.baseUri().toString().replaceFirst("v1$", "");
    }

    private static String faults() {
        return Simulator.faults().stream().map(Fault::alias).collect(Collectors.joining(", "));
    }

    private Simulator start() throws IOException {
        Simulator.Builder builder = Simulator.builder().port(port).faultAddresses(true);
        try {
            if (script != null) builder.scripts(script);
        } catch (NoSuchFileException e) {
            throw new ConfigException(script + ": there is no such file; name another with --script");
        }
        try {
            return builder.start();
        } catch (IOException e) {
            throw new ConfigException(
                    "port " + port + " cannot be listened on (" + e.getMessage() + "); choose another with --port");
        }
    }
}
