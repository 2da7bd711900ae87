package dev.freshet.gateway;

import dev.freshet.simulator.Simulator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/// A gateway's TLS in tests: it is `localhost`, with the simulator's certificate for that.
final class Tls {
    private static final int LIMIT_MILLIS = 20_000;

    private Tls() {}

    /// Puts a certificate and its key into a folder.
    ///
    /// @param name of the simulator's: `localhost`, `elsewhere`
    /// @return for `listen`
    static String yaml(Path folder, String name) throws IOException {
        copy(name + ".pem", folder.resolve("cert.pem"));
        copy(name + ".key", folder.resolve("key.pem"));
        return "tls: {certificate: \"%s\", key: \"%s\"}"
                .formatted(folder.resolve("cert.pem"), folder.resolve("key.pem"));
    }

    static void copy(String resource, Path to) throws IOException {
        try (InputStream in = Simulator.class.getResourceAsStream("tls/" + resource)) {
            Files.copy(in, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /// Trusts the simulator's authority, and no other.
    static SSLContext trusting() {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "ca",
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(
                                    Simulator.authority().getBytes(StandardCharsets.US_ASCII))));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    /// A connection with TLS.
    ///
    /// @param protocol of HTTP, as ALPN names it
    static SSLSocket connect(InetSocketAddress address, String protocol) throws IOException {
        SSLSocket socket = (SSLSocket) trusting().getSocketFactory().createSocket();
        socket.connect(address, LIMIT_MILLIS);
        return begun(socket, protocol);
    }

    /// TLS over a connection that stays when TLS has ended.
    static SSLSocket over(Socket connected, String protocol) throws IOException {
        SSLSocket socket = (SSLSocket)
                trusting().getSocketFactory().createSocket(connected, "localhost", connected.getPort(), false);
        return begun(socket, protocol);
    }

    private static SSLSocket begun(SSLSocket socket, String protocol) throws IOException {
        SSLParameters asking = socket.getSSLParameters();
        asking.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(asking);
        socket.setSoTimeout(LIMIT_MILLIS);
        socket.startHandshake();
        return socket;
    }

    static HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder().version(version).sslContext(trusting()).build();
    }
}
