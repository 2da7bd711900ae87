package dev.freshet.gateway.upstream;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// TLS toward providers: certificates and host names are verified against the JDK's trusted authorities. Made
/// when first needed, because it takes a while. Thread-safe.
public final class Tls implements Supplier<SslContext> {
    private @Nullable SslContext context;

    @Override
    public synchronized SslContext get() {
        if (context == null) context = create();
        return context;
    }

    private static SslContext create() {
        try {
            return SslContextBuilder.forClient()
                    .endpointIdentificationAlgorithm("HTTPS")
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("this JDK has no TLS; use a complete one", e);
        }
    }
}
