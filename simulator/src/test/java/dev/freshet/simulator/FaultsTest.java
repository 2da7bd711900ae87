package dev.freshet.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FaultsTest {
    private static Simulator simulator;

    @BeforeAll
    static void start() throws IOException {
        simulator = Simulator.builder().faultAddresses(true).start();
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    private static HttpClient trusting() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        byte[] authority = Simulator.authority().getBytes(StandardCharsets.US_ASCII);
        trusted.setCertificateEntry(
                "ca", CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(authority)));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build();
    }

    private static String get(URI uri) throws Exception {
        try (HttpClient client = trusting()) {
            return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void eachRowHasAModelAndNamesAreUnique() {
        Set<Integer> rows =
                simulator.addresses().stream().map(FaultAddress::row).collect(Collectors.toSet());
        Simulator.faults().forEach(fault -> rows.add(fault.row()));
        Set<Integer> wanted = new TreeSet<>(IntStream.rangeClosed(1, 38).boxed().toList());
        assertThat(rows).containsExactlyInAnyOrderElementsOf(wanted);
        List<String> names = Simulator.faults().stream()
                .flatMap(fault -> Stream.of(fault.name(), fault.alias()))
                .toList();
        assertThat(names).doesNotHaveDuplicates().allMatch(simulator::serves);
        assertThat(List.of("stall-after-12", "status-418", "giant-event-10")).allMatch(simulator::serves);
        assertThat(List.of("status-200", "stall-after-", "fault-99")).noneMatch(simulator::serves);
    }

    @Test
    void aPageListsThem() throws Exception {
        String page = get(URI.create(simulator.baseUri().toString().replace("/v1", "/")));
        for (Fault fault : Simulator.faults()) assertThat(page).contains("<code>" + fault.alias() + "</code>");
        for (FaultAddress address : simulator.addresses())
            assertThat(page).contains(address.base().toString());
        assertThat(get(URI.create(simulator.baseUri() + "/models"))).contains("\"fault-9-date\"");
    }

    @Test
    void theReadmeListsThem() throws IOException {
        String readme = Files.readString(Path.of(System.getProperty("freshet.root"), "simulator", "README.md"));
        for (Fault fault : Simulator.faults()) {
            assertThat(readme)
                    .contains("| %d | `%s` `%s` | %s |"
                            .formatted(fault.row(), fault.name(), fault.alias(), fault.what()));
        }
    }

    @Test
    void theSameIsThereOverTls() throws Exception {
        String tls = simulator.tlsUri().toString();
        assertThat(tls).startsWith("https://localhost:");
        assertThat(get(URI.create(tls + "/models"))).contains("\"demo\"");
        assertThat(get(URI.create(tls.replace("/v1", "/ca.pem")))).isEqualTo(Simulator.authority());
    }

    private static InetSocketAddress at(FaultAddress address) {
        return new InetSocketAddress(address.base().getHost(), address.base().getPort());
    }

    @Test
    void connectingFailsAtTheAddressesAsTheySay() {
        for (FaultAddress address : simulator.addresses()) {
            switch (address.name()) {
                case "no-such-name" ->
                    assertThatThrownBy(() -> {
                                try (Socket socket = new Socket(address.base().getHost(), 80)) {
                                    socket.getInetAddress();
                                }
                            })
                            .isInstanceOf(UnknownHostException.class);
                case "refused" -> assertThatThrownBy(() -> connect(address)).isInstanceOf(ConnectException.class);
                case "no-answer" ->
                    assertThatThrownBy(() -> connect(address)).isInstanceOf(SocketTimeoutException.class);
                default ->
                    assertThatThrownBy(() -> get(address.base()))
                            .as(address.name())
                            .isInstanceOf(SSLException.class);
            }
        }
    }

    private static void connect(FaultAddress address) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(at(address), 300);
        }
    }
}
