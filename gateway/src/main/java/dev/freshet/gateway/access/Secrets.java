package dev.freshet.gateway.access;

import dev.freshet.gateway.database.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Secrets of the gateway's own, and what is signed with them (RFC 2104, HMAC, with SHA-256). Thread-safe.
final class Secrets {
    static final int BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";

    private Secrets() {}

    static byte[] random() {
        byte[] fresh = new byte[BYTES];
        new SecureRandom().nextBytes(fresh);
        return fresh;
    }

    /// The secret in a file, which is made where it is not there.
    ///
    /// @throws IOException where it cannot be read or made, or is damaged
    static byte[] of(Path file) throws IOException {
        if (!Files.exists(file)) make(file);
        byte[] kept = Files.readAllBytes(file);
        if (kept.length != BYTES) throw new IOException(file + " is damaged");
        return kept;
    }

    /// Whole or not at all, and never over another process's.
    private static void make(Path file) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID());
        PrivateFile.create(fresh);
        try {
            Files.write(fresh, random());
            Files.createLink(file, fresh);
        } catch (FileAlreadyExistsException e) {
            // Another process was faster; its secret counts.
        } finally {
            Files.delete(fresh);
        }
    }

    static SecretKeySpec key(byte[] secret) {
        return new SecretKeySpec(secret, ALGORITHM);
    }

    static byte[] mac(SecretKeySpec secret, String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has " + ALGORITHM, e);
        }
    }
}
