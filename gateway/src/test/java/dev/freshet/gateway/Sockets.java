package dev.freshet.gateway;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What Linux knows of a gateway's connections.
final class Sockets {
    private Sockets() {}

    /// How many connections the kernel holds for the gateway, those included that nobody has open any more.
    static int held(InetSocketAddress gateway) throws IOException {
        int count = 0;
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] parts = line.strip().split("\\s+", -1);
                boolean own = parts[1].endsWith(String.format(":%04X", gateway.getPort()));
                boolean over = parts[3].equals("0A") || parts[3].equals("06"); // listening; waiting for stray packets
                if (own && !over) count++;
            }
        }
        return count;
    }
}
