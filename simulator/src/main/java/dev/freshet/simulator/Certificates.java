package dev.freshet.simulator;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The simulator's certificates, made by `make-certificates`: good for tests, and for nothing else, because
/// their keys are public. Stateless.
final class Certificates {
    private Certificates() {}

    /// TLS for a server with the certificate of this name: `localhost`, `expired`, `elsewhere` (for another
    /// host), `stranger` (signed by itself).
    ///
    /// @param protocols that it speaks, as ALPN has them (RFC 7301)
    static SslContext server(String name, String... protocols) {
        try (InputStream certificate = open(name + ".pem");
                InputStream key = open(name + ".key")) {
            return SslContextBuilder.forServer(certificate, key)
                    .applicationProtocolConfig(
                            protocols.length == 0
                                    ? ApplicationProtocolConfig.DISABLED
                                    : new ApplicationProtocolConfig(
                                            ApplicationProtocolConfig.Protocol.ALPN,
                                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                                            protocols))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String authority() {
        try (InputStream in = open("ca.pem")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String name) {
        InputStream in = Certificates.class.getResourceAsStream("tls/" + name);
        if (in == null) throw new IllegalStateException("the certificate " + name + " is not in the program");
        return in;
    }
}
