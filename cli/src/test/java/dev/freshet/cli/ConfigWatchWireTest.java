package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Simulator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A configuration that changes while the gateway runs.
class ConfigWatchWireTest {
    private static final int TRIES = 200;

    @TempDir
    Path folder;

    private String yaml(Simulator simulator, String model) {
        return "listen: {port: 0}\nproviders: {up: {base_url: \"" + simulator.baseUri() + "\"}}\n" + "models: {" + model
                + ": {targets: [{provider: up}]}}\n";
    }

    private static void awaitModels(Gateway gateway, String wanted) throws InterruptedException {
        for (int i = 0; i < TRIES && !gateway.models().contains(wanted); i++) Thread.sleep(50);
        assertThat(gateway.models()).contains(wanted);
    }

    @Test
    void aChangedFileIsUsedWholeOrNotAtAll() throws Exception {
        Path file = folder.resolve("freshet.yaml");
        try (Simulator simulator = Simulator.builder().start()) {
            Files.writeString(file, yaml(simulator, "before"));
            Settings settings = new Settings(file, null, null, List.of(), new Environment(Map.of()));
            try (Gateway gateway = Gateway.start(settings.config(), null)) {
                ConfigWatch.start(file, List.of(), settings, gateway);
                awaitModels(gateway, "before");
                replace(file, yaml(simulator, "after-it"));
                awaitModels(gateway, "after-it");
                assertThat(gateway.models()).doesNotContain("before");
                // A wrong one changes nothing; a right one after it is taken.
                replace(file, yaml(simulator, "wrong") + "unknown: 1\n");
                replace(file, yaml(simulator, "right-again"));
                awaitModels(gateway, "right-again");
            }
        }
    }

    @Test
    void aChangedListOfPricesIsTakenToo() throws Exception {
        Path prices = folder.resolve("prices.yaml");
        Path file = folder.resolve("freshet.yaml");
        try (Simulator simulator = Simulator.builder().start()) {
            Files.writeString(prices, "prices: [{model: tokens-1, input: 0usd, output: 1usd}]\n");
            Files.writeString(file, yaml(simulator, "\"*\"") + "prices: prices.yaml\n");
            Settings settings = new Settings(file, null, null, List.of(), new Environment(Map.of()));
            Config config = settings.config();
            try (Gateway gateway = Gateway.start(config, null)) {
                ConfigWatch.start(file, config.files(), settings, gateway);
                awaitCost(gateway, 1_000);
                replace(prices, "prices: [{model: tokens-1, input: 0usd, output: 2.5usd}]\n");
                awaitCost(gateway, 2_500);
            }
        }
    }

    /// As a program that renews certificates replaces it, with its key.
    @Test
    void aRenewedCertificateIsTakenToo() throws Exception {
        Path file = folder.resolve("freshet.yaml");
        identify("localhost");
        try (Simulator simulator = Simulator.builder().start()) {
            Files.writeString(
                    file,
                    yaml(simulator, "\"*\"").replace("port: 0", "port: 0, tls: {certificate: cert.pem, key: key.pem}"));
            Settings settings = new Settings(file, null, null, List.of(), new Environment(Map.of()));
            Config config = settings.config();
            try (Gateway gateway = Gateway.start(config, null)) {
                ConfigWatch.start(file, config.files(), settings, gateway);
                awaitSubject(gateway, "CN=localhost");
                identify("elsewhere");
                awaitSubject(gateway, "CN=elsewhere");
            }
        }
    }

    private void identify(String name) throws IOException {
        for (String[] names : new String[][] {{name + ".pem", "cert.pem"}, {name + ".key", "key.pem"}}) {
            try (InputStream in = Simulator.class.getResourceAsStream("tls/" + names[0])) {
                Files.copy(in, folder.resolve(names[1]), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void awaitSubject(Gateway gateway, String wanted) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        X509Certificate authority = (X509Certificate) factory.generateCertificate(
                new ByteArrayInputStream(Simulator.authority().getBytes(StandardCharsets.US_ASCII)));
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", authority);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        String seen = "";
        for (int i = 0; i < TRIES && !seen.equals(wanted); i++) {
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                    .createSocket("localhost", gateway.address().getPort())) {
                seen = socket.getSession().getPeerPrincipal().getName();
            }
            Thread.sleep(50);
        }
        assertThat(seen).isEqualTo(wanted);
    }

    /// What an answer of one token costs, in nano-dollars.
    private static void awaitCost(Gateway gateway, long wanted) throws Exception {
        String base = "http://127.0.0.1:" + gateway.address().getPort() + "/v1";
        String cost = "";
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int i = 0; i < TRIES && !cost.contains("{\"nano_usd\":" + wanted + "}"); i++) {
                HttpRequest ask = HttpRequest.newBuilder(URI.create(base + "/chat/completions"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"tokens-1\",\"messages\":[]}"))
                        .build();
                String id = client.send(ask, HttpResponse.BodyHandlers.discarding())
                        .headers()
                        .firstValue("Freshet-Stream")
                        .orElseThrow();
                HttpRequest state = HttpRequest.newBuilder(URI.create(base + "/streams/" + id))
                        .build();
                cost = client.send(state, HttpResponse.BodyHandlers.ofString()).body();
                Thread.sleep(50);
            }
        }
        assertThat(cost).contains("\"cost\":{\"nano_usd\":" + wanted + "}");
    }

    private static void replace(Path file, String yaml) throws IOException {
        Files.writeString(file, yaml);
    }
}
