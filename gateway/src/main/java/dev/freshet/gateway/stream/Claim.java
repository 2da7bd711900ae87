package dev.freshet.gateway.stream;

import dev.freshet.gateway.model.Owner;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A request's wish to be served once: its Idempotency-Key, and what it asks for, both as SHA-256 digests,
/// so that neither is kept in clear.
public record Claim(Key key, byte[] request) {
    /// An owner's key.
    ///
    /// @param digest in hexadecimal
    public record Key(String digest) {
        static Key of(Owner owner, String idempotencyKey) {
            MessageDigest sha = sha256();
            sha.update(owner.name().getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            sha.update(idempotencyKey.getBytes(StandardCharsets.UTF_8));
            return new Key(HexFormat.of().formatHex(sha.digest()));
        }
    }

    /// @param body the request's bytes as they came
    /// @param guards that it names
    public static Claim of(Owner owner, String idempotencyKey, byte[] body, String guards) {
        MessageDigest sha = sha256();
        sha.update(body);
        sha.update(guards.getBytes(StandardCharsets.UTF_8));
        return new Claim(Key.of(owner, idempotencyKey), sha.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
