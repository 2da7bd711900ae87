package dev.freshet.gateway.model;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// Who a server is to TLS clients. Immutable.
///
/// @param chain its certificate, then those that lead to an authority
/// @param key the certificate's private key
public record TlsIdentity(List<X509Certificate> chain, PrivateKey key) {
    public TlsIdentity {
        chain = List.copyOf(chain);
    }

    @Override
    public String toString() {
        return "TlsIdentity[" + chain.getFirst().getSubjectX500Principal() + "]";
    }
}
