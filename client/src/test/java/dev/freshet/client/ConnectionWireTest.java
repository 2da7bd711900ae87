package dev.freshet.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ways to a server: through a real proxy (tinyproxy), and over HTTP/2 and TLS (nginx), with a client of the
/// caller's own.
@Tag("program")
class ConnectionWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String CERTIFICATES = "/dev/freshet/simulator/tls/";

    @TempDir
    Path folder;

    private Simulator simulator;
    private int port;
    private @Nullable Process program;

    @BeforeEach
    void start() throws IOException {
        simulator = Simulator.builder().recording(true).start();
        simulator.script(
                "gated",
                Script.of(
                        Steps.head(),
                        Steps.text("1 "),
                        Steps.gate("go"),
                        Steps.text("2 "),
                        Steps.finish("stop"),
                        Steps.done(),
                        Steps.lastChunk()));
        simulator.script("held", Script.of(Steps.head(), Steps.text("1 "), Steps.hang()));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void stop() {
        Process running = program;
        if (running != null) {
            running.destroy();
            running.onExit().join();
        }
        simulator.close();
    }

    private void run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().merge("PATH", "/usr/sbin", (path, more) -> path + ":" + more);
        program = builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        Eventually.is(command[0] + " listens", this::listens);
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// Each token is there before the next one is said.
    private void comesOneByOne(FreshetClient client) {
        try (ChatStream stream = client.stream(ChatRequest.of("gated", "count"))) {
            Iterator<String> text = stream.text().iterator();
            assertThat(text.next()).isEqualTo("1 ");
            simulator.open("go");
            assertThat(text.next()).isEqualTo("2 ");
            assertThat(text.hasNext()).isFalse();
        }
    }

    private void cancelReachesTheProvider(FreshetClient client) throws InterruptedException {
        int number = simulator.exchanges().size();
        try (ChatStream stream = client.stream(ChatRequest.of("held", "count"))) {
            assertThat(stream.text().iterator().next()).isEqualTo("1 ");
            stream.cancel();
        }
        simulator.awaitExchange(number, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
    }

    private String log(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void throughAProxy() throws Exception {
        Path config = Files.writeString(folder.resolve("tinyproxy.conf"), """
                Port %d
                Listen 127.0.0.1
                LogFile "%s"
                LogLevel Info
                MaxClients 20
                """.formatted(port, folder.resolve("log")));
        run("tinyproxy", "-d", "-c", config.toString());
        try (FreshetClient client = FreshetClient.builder(simulator.baseUri().toString())
                .proxy(ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)))
                .build()) {
            comesOneByOne(client);
            cancelReachesTheProvider(client);
        }
        assertThat(log("log")).contains("POST " + simulator.baseUri() + "/chat/completions");
    }

    @Test
    void overHttp2AndTlsByAClientOfTheCallersOwn() throws Exception {
        for (String file : List.of("localhost.pem", "localhost.key"))
            try (InputStream in = certificate(file)) {
                Files.copy(in, folder.resolve(file));
            }
        Path config = Files.writeString(folder.resolve("nginx.conf"), """
                daemon off; pid nginx.pid; error_log stderr; worker_processes 1;
                events {}
                http {
                    log_format seen "$server_protocol connection=$connection $request_uri $status";
                    access_log seen.log seen;
                    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                    server {
                        listen 127.0.0.1:%d ssl http2;
                        ssl_certificate localhost.pem; ssl_certificate_key localhost.key;
                        location / { proxy_pass http://%s; proxy_http_version 1.1; proxy_buffering off; }
                    }
                }
                """.formatted(
                        port, simulator.baseUri().getAuthority()));
        run("nginx", "-p", folder.toString(), "-c", config.toString());
        HttpClient own = HttpClient.newBuilder().sslContext(trusting()).build();
        try (FreshetClient client = FreshetClient.builder("https://localhost:" + port + "/v1")
                .httpClient(own)
                .build()) {
            comesOneByOne(client);
            cancelReachesTheProvider(client);
            assertThat(client.ask(ChatRequest.of("tokens-3", "count")).text()).isEqualTo("1 2 3 ");
        }
        Eventually.is("nginx has logged all", () -> log("seen.log").lines().count() == 3);
        // One connection for all: what was cancelled is its stream.
        List<String> seen = log("seen.log").lines().toList();
        String connection = seen.getFirst().substring(0, seen.getFirst().indexOf(" /v1"));
        assertThat(connection).startsWith("HTTP/2.0 connection=");
        assertThat(seen).allMatch(line -> line.startsWith(connection + " /v1/chat/completions "));
    }

    private static InputStream certificate(String name) {
        return Objects.requireNonNull(Simulator.class.getResourceAsStream(CERTIFICATES + name), name);
    }

    private static SSLContext trusting() throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = certificate("ca.pem")) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
