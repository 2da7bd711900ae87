package dev.freshet.cli;

import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.access.KeyStoreException;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigException;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.meter.LedgerException;
import dev.freshet.gateway.route.ModelRouter;
import dev.freshet.gateway.stream.disk.StoreException;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `freshet serve`: the gateway, the chat page and the simulated model, until it is stopped.
@Command(name = "serve", description = "Run the gateway, the chat page and the simulated demo model.")
final class ServeCommand implements Callable<Integer> {
    /// The property is for measuring what it gives.
    private static final Duration WARM_UP = Duration.ofMillis(Long.getLong("freshet.warmUpMillis", 150));

    @Option(
            names = "-c",
            paramLabel = "FILE",
            description = "The configuration; without one: every provider whose key is in the environment.")
    @Nullable
    Path file;

    @Option(names = "--host", paramLabel = "H", description = "The address to listen on.")
    @Nullable
    String host;

    @Option(names = "--port", paramLabel = "N", description = "The port to listen on; 0 takes any free one.")
    @Nullable
    Integer port;

    @Option(
            names = "--cors",
            paramLabel = "ORIGIN",
            description = "A web page's origin that may use the gateway; may be repeated.")
    List<String> cors = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Environment environment = Environment.of(System.getenv(), Path.of("").toAbsolutePath());
        Settings settings = new Settings(file, host, port, cors, environment);
        Config config = settings.config();
        DataFolder.make(config.data());
        try (Simulator simulator = Simulator.builder().start();
                Gateway gateway = start(config, SimulatedProvider.of(simulator, config.demoAnswersAll()))) {
            Warmup.run(gateway.address(), config.listen().tls() != null, gateway.warmUpKey(), WARM_UP);
            gateway.ready();
            Greeting.print(out(), config, gateway, environment);
            if (file != null) ConfigWatch.start(file, config.files(), settings, gateway);
            return UntilStopped.await();
        }
    }

    private static Gateway start(Config config, ModelRouter.Simulated simulated) throws IOException {
        try {
            return Gateway.listening(config, simulated);
        } catch (StoreException | KeyStoreException | LedgerException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            Config.Listen listen = config.listen();
            throw new ConfigException(listen.host() + ":" + listen.port() + " cannot be listened on (" + e.getMessage()
                    + "); stop what listens there, or choose another with --port or --host");
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
