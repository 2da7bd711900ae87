package dev.freshet.client;

import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Real gateways for the client's tests.
final class Gateways {
    private Gateways() {}

    /// A gateway before a provider that serves every model.
    ///
    /// @param more further top-level YAML
    static Gateway before(String provider, Path folder, int port, String timeouts, String more) throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Path file = folder.resolve("freshet.yaml");
        Files.writeString(file, """
                listen: {port: %d}
                data: %s
                access: open
                providers: {up: {base_url: "%s"}}
                models: {"*": {targets: [{provider: up}], retry: {attempts: 2, base: 1ms}, timeouts: {%s}}}
                """.formatted(port, folder.resolve("data"), provider, timeouts) + more + "\n");
        Config config = ConfigFile.read(file, new Environment(Map.of()));
        Gateway gateway = Gateway.start(config, null);
        gateway.ready();
        return gateway;
    }

    static String base(Gateway gateway) {
        InetSocketAddress at = gateway.address();
        return "http://127.0.0.1:" + at.getPort() + "/v1";
    }
}
