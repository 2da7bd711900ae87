package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The way to a provider through a real proxy (tinyproxy), over HTTP and over TLS.
@Tag("program")
class ProxyWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Simulator simulator;
    private Process proxy;
    private int port;

    @BeforeEach
    void start() throws Exception {
        simulator = Simulator.builder().recording(true).faultAddresses(true).start();
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = Files.writeString(folder.resolve("tinyproxy.conf"), """
                Port %d
                Listen 127.0.0.1
                LogFile "%s"
                LogLevel Info
                BasicAuth user secret
                MaxClients 20
                """.formatted(port, folder.resolve("log")));
        proxy = new ProcessBuilder("tinyproxy", "-d", "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!accepts()) {
            assertThat(System.nanoTime()).as("the proxy is there").isLessThan(end);
            Thread.sleep(10);
        }
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @AfterEach
    void stop() {
        proxy.destroyForcibly();
        simulator.close();
    }

    /// This machine by an address that is not reached directly.
    private static String abroad(URI base) {
        return base.getScheme() + "://0.0.0.0:" + base.getPort() + base.getPath();
    }

    private Gateway gateway(URI base, Map<String, String> environment) throws IOException {
        Path authority = Files.writeString(folder.resolve("ca.pem"), Simulator.authority());
        Config config =
                ConfigFile.parse("""
                listen: {port: 0}
                providers: {up: {base_url: "%s", ca: "%s"}}
                """.formatted(abroad(base), authority), "freshet.yaml", new Environment(environment));
        return Gateway.start(config, null);
    }

    private void streamsThrough(URI base) throws IOException {
        String address = "http://user:secret@127.0.0.1:" + port;
        try (Gateway gateway = gateway(base, Map.of("ALL_PROXY", address))) {
            for (int i = 1; i <= 3; i++) {
                try (EventClient client = EventClient.post(gateway.address(), StreamsWireTest.body("up/tokens-3"))) {
                    assertThat(client.status()).isEqualTo(200);
                    assertThat(StreamsWireTest.text(client.rest())).isEqualTo("1 2 3 ");
                }
            }
            // The list of models comes through it too.
            try (EventClient client = EventClient.post(gateway.address(), StreamsWireTest.body("demo"))) {
                assertThat(client.status()).isEqualTo(200);
            }
        }
        assertThat(simulator.exchanges())
                .hasSize(4)
                .allSatisfy(exchange -> assertThat(exchange.headers()).doesNotContainKey("proxy-authorization"));
    }

    @Test
    void aProviderIsAskedThroughTheProxy() throws IOException {
        streamsThrough(simulator.baseUri());
        assertThat(Files.readString(folder.resolve("log"))).contains("POST http://0.0.0.0:");
    }

    @Test
    void overTlsTheProxySeesATunnelOnly() throws IOException {
        streamsThrough(simulator.tlsUri());
        assertThat(Files.readString(folder.resolve("log")))
                .contains("CONNECT 0.0.0.0:")
                .doesNotContain("POST ");
    }

    @Test
    void aProxyThatRefusesIsNamedInTheErrorWithoutItsPassword() throws IOException {
        Map<String, String> wrong = Map.of("HTTPS_PROXY", "http://user:guess@127.0.0.1:" + port);
        try (Gateway gateway = gateway(simulator.tlsUri(), wrong);
                EventClient client = EventClient.post(gateway.address(), StreamsWireTest.body("up/tokens-3"))) {
            assertThat(client.status()).isEqualTo(502);
            assertThat(client.body())
                    .contains("the proxy did not let it through: status 40")
                    .doesNotContain("guess");
        }
        assertThat(simulator.exchanges()).isEmpty();
    }
}
