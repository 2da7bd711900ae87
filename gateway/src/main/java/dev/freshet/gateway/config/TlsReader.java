package dev.freshet.gateway.config;

import dev.freshet.gateway.model.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads `listen.tls`: a certificate with its chain, and its key, both as PEM; and looks whether they belong
/// together, because else every client would be refused.
final class TlsReader {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    /// The kinds of key, each with the signature that it makes.
    private static final List<String> KINDS = List.of("RSA", "EC", "EdDSA");

    private final Section section;
    private final Path folder;

    /// @param folder that relative names start from
    TlsReader(Section section, Path folder) {
        this.section = section;
        this.folder = folder;
    }

    Config.Tls tls() {
        Path certificate = file("certificate");
        Path key = file("key");
        section.end();
        List<X509Certificate> chain = chain(certificate);
        PrivateKey secret = key(key);
        if (!belong(chain.getFirst(), secret))
            throw section.errorAt("key", key + " is not the key of the first certificate in " + certificate);
        return new Config.Tls(new TlsIdentity(chain, secret), certificate, key);
    }

    private Path file(String name) {
        return folder.resolve(section.required(name));
    }

    private byte[] bytes(String name, Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw section.errorAt(name, file + " cannot be read; expected a PEM file");
        }
    }

    private List<X509Certificate> chain(Path file) {
        try {
            List<X509Certificate> chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bytes("certificate", file)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (!chain.isEmpty()) return chain;
        } catch (CertificateException e) {
            // said below
        }
        throw section.errorAt("certificate", file + " holds no certificate; expected PEM, the server's own first");
    }

    private PrivateKey key(Path file) {
        Matcher pem = KEY.matcher(new String(bytes("key", file), StandardCharsets.US_ASCII));
        if (!pem.find())
            throw section.errorAt(
                    "key",
                    file + " holds no unencrypted PKCS #8 key; `openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW`"
                            + " makes one of another kind of key file");
        PKCS8EncodedKeySpec encoded =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1)));
        for (String kind : KINDS) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(encoded);
            } catch (InvalidKeySpecException e) {
                // of another kind
            } catch (GeneralSecurityException e) {
                throw new AssertionError("the JDK has " + kind, e);
            }
        }
        throw section.errorAt("key", file + " holds no RSA, EC or EdDSA key");
    }

    /// Whether what the key signs is what the certificate verifies.
    private static boolean belong(X509Certificate certificate, PrivateKey key) {
        byte[] text = "freshet".getBytes(StandardCharsets.US_ASCII);
        try {
            Signature signature = Signature.getInstance(
                    switch (key.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> "EdDSA";
                    });
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
