package dev.freshet.gateway;

import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.net.Transport;
import java.io.IOException;
import java.util.Map;

/// Gateways for tests.
final class Gateways {
    private static final int LOOPS = 2;

    private Gateways() {}

    /// A gateway with one event loop, so that connections to providers are used again in a known order.
    static Gateway withOneLoop(String yaml) throws IOException {
        return with(yaml, 1);
    }

    /// A gateway with two event loops, whatever the machine has, to which each Bearer is an owner of its own.
    static Gateway withOwners(String yaml) throws IOException {
        return with(yaml, LOOPS);
    }

    private static Gateway with(String yaml, int loops) throws IOException {
        Gateway gateway = Gateway.listening(
                ConfigFile.parse(yaml, "freshet.yaml", new Environment(Map.of())),
                null,
                Transport.fastest(),
                loops,
                bearer -> bearer == null ? Owner.ANYONE : new Owner(bearer));
        gateway.ready();
        return gateway;
    }
}
