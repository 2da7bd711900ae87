package dev.freshet.cli;

import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `freshet train`: runs a gateway for a moment and ends, so that the JVM can note what starting takes (its AOT
/// cache).
@Command(name = "train", hidden = true, description = "Run for a moment and end; the launcher uses it.")
final class TrainCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        Config config = ConfigFile.parse("listen: {port: 0}", "train", new Environment(Map.of()));
        try (Simulator simulator = Simulator.builder().start();
                Gateway gateway = Gateway.listening(config, SimulatedProvider.of(simulator, true))) {
            InetSocketAddress address = gateway.address();
            Greeting.print(new PrintWriter(PrintWriter.nullWriter()), config, gateway, new Environment(Map.of()));
            Warmup.run(address, false, gateway.warmUpKey(), Duration.ofSeconds(2));
        }
        return 0;
    }
}
