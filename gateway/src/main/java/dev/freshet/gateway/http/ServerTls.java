package dev.freshet.gateway.http;

import dev.freshet.gateway.model.TlsIdentity;
import dev.freshet.gateway.net.Alpn;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;

/// TLS toward clients: 1.3 and 1.2, with HTTP/2 or HTTP/1.1 as the client likes (RFC 7301, ALPN). Stateless.
final class ServerTls {
    private ServerTls() {}

    static SslContext of(TlsIdentity identity) {
        try {
            return SslContextBuilder.forServer(identity.key(), identity.chain().toArray(X509Certificate[]::new))
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                    .applicationProtocolConfig(Alpn.HTTP)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("a certificate and key that were checked are refused", e);
        }
    }
}
