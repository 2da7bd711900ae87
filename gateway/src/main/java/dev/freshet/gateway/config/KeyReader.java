package dev.freshet.gateway.config;

import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.HashedKey;
import dev.freshet.gateway.model.Key;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// Reads `keys`, and the key in the environment's `FRESHET_KEY`.
final class KeyReader {
    private static final String VARIABLE = "FRESHET_KEY";
    private static final int SHORTEST = 16;

    private final Section root;
    private final Environment environment;

    KeyReader(Section root, Environment environment) {
        this.root = root;
        this.environment = environment;
    }

    List<HashedKey> keys() {
        List<HashedKey> all = new ArrayList<>(ofEnvironment(environment));
        Set<String> names = new HashSet<>();
        for (Section entry : root.sections("keys")) {
            HashedKey key = key(entry);
            if (!names.add(key.key().name())) throw entry.errorAt("name", "another key has this name");
            all.add(key);
        }
        return all;
    }

    private static HashedKey key(Section entry) {
        String name = entry.required("name");
        String hash = entry.required("hash");
        if (!hash.matches("[0-9a-f]{64}")) {
            throw entry.errorAt("hash", "expected the SHA-256 of a long random key, as 64 small hex digits");
        }
        Key key = new Key(
                "file:" + name,
                name,
                entry.optional("owner").orElse(null),
                entry.optional("team").orElse(null),
                AccountsReader.allowance(entry, entry.strings("models")),
                0,
                null,
                null);
        entry.end();
        return new HashedKey(hash, key);
    }

    /// @throws ConfigException where the environment's key is too short to be one
    static List<HashedKey> ofEnvironment(Environment environment) {
        String text = environment.get(VARIABLE).orElse("");
        if (text.isEmpty()) return List.of();
        if (text.length() < SHORTEST || text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new ConfigException(VARIABLE + " is no key: expected at least " + SHORTEST
                    + " visible ASCII characters, like those of `openssl rand -hex 32`");
        }
        return List.of(
                new HashedKey(sha256(text), new Key(VARIABLE, VARIABLE, null, null, Allowance.ALL, 0, null, null)));
    }

    private static String sha256(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
