package dev.freshet.gateway.model;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// Who a server is to TLS clients. Immutable.
///
/// @param chain its certificate, then those that lead to an authority
/// @param key the certificate's private key
/// @param files that it was read from, and is read from again when they change
public record TlsIdentity(List<X509Certificate> chain, PrivateKey key, List<Path> files) {
    public TlsIdentity {
        chain = List.copyOf(chain);
        files = List.copyOf(files);
    }

    @Override
    public String toString() {
        return "TlsIdentity[" + chain.getFirst().getSubjectX500Principal() + "]";
    }
}
