package dev.freshet.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ClientsWireTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @Test
    @Timeout(240)
    void allKindsOfClientsLoseNothing() throws Exception {
        Clients clients = run(true);
        for (Behaviour behaviour : Behaviour.values())
            assertThat(clients.count(behaviour)).as(behaviour.text()).isPositive();
        assertThat(clients.faults()).isEmpty();
    }

    /// Without `continue: prefill`, broken answers stay broken.
    @Test
    @Timeout(240)
    void whatIsMissingIsSeen() throws Exception {
        assertThat(run(false).faults()).anyMatch(fault -> fault.startsWith("CONTINUED"));
    }

    /// Until each has done everything, or something was wrong.
    private Clients run(boolean goesOn) throws Exception {
        int port = freePort();
        try (Provider provider = Provider.start()) {
            String yaml = provider.configuration(port, Soak.sha256(Clients.KEY))
                    .replace("continue: prefill", goesOn ? "continue: prefill" : "continue: never");
            Files.writeString(folder.resolve("prices.yaml"), Soak.PRICES);
            String file = folder.resolve("freshet.yaml").toString();
            String withData = "data: " + Files.createDirectories(folder.resolve("data")) + "\n" + yaml;
            try (Gateway gateway = Gateway.start(ConfigFile.parse(withData, file, new Environment(Map.of())), null)) {
                assertThat(gateway.asksForKeys()).isTrue();
                Clients clients = new Clients(port, 20, Long.getLong("seed", System.nanoTime()));
                try (clients) {
                    while (clients.faults().isEmpty() && !allDone(clients)) Thread.sleep(50);
                }
                return clients;
            }
        }
    }

    private static boolean allDone(Clients clients) {
        for (Behaviour behaviour : Behaviour.values()) if (clients.count(behaviour) == 0) return false;
        return true;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
