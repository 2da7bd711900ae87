package dev.freshet.gateway.upstream;

import dev.freshet.gateway.net.Alpn;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// TLS toward providers: certificates and host names are verified, against the JDK's trusted authorities or
/// a provider's own. Made when first needed, because it takes a while. Thread-safe.
public final class Tls {
    private final Map<@Nullable String, SslContext> contexts = new HashMap<>();

    /// @param authorities as PEM; null for the JDK's
    /// @throws SSLException where they can not be read
    synchronized SslContext get(@Nullable String authorities) throws SSLException {
        SslContext known = contexts.get(authorities);
        if (known != null) return known;
        SslContextBuilder builder = SslContextBuilder.forClient()
                .endpointIdentificationAlgorithm("HTTPS")
                .applicationProtocolConfig(Alpn.HTTP);
        if (authorities != null) trust(builder, authorities);
        SslContext made = builder.build();
        contexts.put(authorities, made);
        return made;
    }

    /// The same for the JDK's own client.
    ///
    /// @throws SSLException where they can not be read
    static SSLContext trusting(String authorities) throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        trust(builder, authorities);
        return ((JdkSslContext) builder.build()).context();
    }

    private static void trust(SslContextBuilder builder, String authorities) throws SSLException {
        try {
            builder.trustManager(new ByteArrayInputStream(authorities.getBytes(StandardCharsets.US_ASCII)));
        } catch (IllegalArgumentException e) {
            throw new SSLException("its authorities are no certificates", e);
        }
    }
}
