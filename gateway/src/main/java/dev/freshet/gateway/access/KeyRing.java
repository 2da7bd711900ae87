package dev.freshet.gateway.access;

import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.HashedKey;
import dev.freshet.gateway.model.Key;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The gateway's own keys: those of the store, which are read again when they change, and those of the
/// configuration. A text that is shown is hashed before it is looked for, and compared in constant time; every
/// wrong one gets the same answer. Thread-safe.
public final class KeyRing implements Callers, Tokens {
    private static final Logger LOG = LoggerFactory.getLogger(KeyRing.class);
    private final KeyStore store;
    private final LongSupplier epochSeconds;
    private final SecretKeySpec processSecret = Secrets.key(Secrets.random());
    private volatile Rules rules;
    private volatile Known known;
    /// Once a key was asked for, nothing but `access: open` ends that: not a file of keys that has gone, nor
    /// a configuration that names none any more, because the address listened at stays as it is.
    private volatile boolean asked;

    private String stamp; // owned by who refreshes
    private Set<String> good; // owned by who refreshes

    /// What the configuration says. Immutable.
    ///
    /// @param open whether anyone may ask, by name
    /// @param always whether a key is asked for although there is none
    public record Rules(boolean open, boolean always, List<HashedKey> keys) {}

    /// @param stored by id
    /// @param secret null where no key was ever made
    private record Known(
            Map<String, KeyStore.Stored> stored, @Nullable SecretKeySpec secret) {}

    /// @param epochSeconds wall-clock time, in seconds since 1970
    /// @throws KeyStoreException where the keys' file is there and cannot be used
    public KeyRing(Rules rules, KeyStore store, LongSupplier epochSeconds) {
        this.rules = rules;
        this.store = store;
        this.epochSeconds = epochSeconds;
        stamp = store.stamp();
        known = read();
        good = good();
    }

    private Known read() {
        if (!store.exists()) return new Known(Map.of(), null);
        Map<String, KeyStore.Stored> all = new HashMap<>();
        for (KeyStore.Stored one : store.stored()) all.put(one.key().id(), one);
        return new Known(Map.copyOf(all), store.secret());
    }

    /// Takes other rules from now on.
    public void reload(Rules changed) {
        rules = changed;
    }

    /// Looks whether the stored keys have changed. By one thread at a time, off the loops.
    ///
    /// @return the ids of keys that are good no more
    public Set<String> refresh() {
        String now = store.stamp();
        if (!now.equals(stamp)) {
            try {
                known = read();
                stamp = now;
            } catch (KeyStoreException e) {
                LOG.error("the keys as they were stay in use: {}", e.getMessage());
            }
        }
        Set<String> gone = new HashSet<>(good);
        good = good();
        gone.removeAll(good);
        return gone;
    }

    /// The ids of all keys that open something now.
    private Set<String> good() {
        long time = epochSeconds.getAsLong();
        return Stream.concat(
                        known.stored().values().stream().map(KeyStore.Stored::key),
                        rules.keys().stream().map(HashedKey::key))
                .filter(key -> key.good(time))
                .map(Key::id)
                .collect(Collectors.toSet());
    }

    @Override
    public boolean askForKeys() {
        Rules now = rules;
        if (now.always() || !now.keys().isEmpty() || known.secret() != null) asked = true;
        return asked && !now.open();
    }

    @Override
    public boolean stillGood(@Nullable String id) {
        if (id == null || !askForKeys()) return true;
        KeyStore.Stored stored = known.stored().get(id);
        if (stored != null) return stored.key().good(epochSeconds.getAsLong());
        return rules.keys().stream().anyMatch(one -> one.key().id().equals(id));
    }

    @Override
    public Admission admit(@Nullable String bearer, @Nullable String origin) {
        if (!askForKeys()) return new Admission.Admitted(Caller.ANYONE);
        if (bearer == null) return refused();
        if (BrowserToken.isOne(bearer)) return token(bearer, origin);
        Key key = find(bearer);
        if (key == null || !key.good(epochSeconds.getAsLong())) return refused();
        return new Admission.Admitted(new Caller(key.ownedBy(), key.id(), key.team(), key.allowance(), null));
    }

    private @Nullable Key find(String text) {
        Known now = known;
        String id = KeyText.id(text);
        KeyStore.Stored stored = id == null ? null : now.stored().get(id);
        if (stored != null && now.secret() != null) {
            return MessageDigest.isEqual(stored.hash(), Secrets.mac(now.secret(), text)) ? stored.key() : null;
        }
        byte[] hash = sha256(text);
        Key found = null;
        for (HashedKey one : rules.keys()) {
            if (MessageDigest.isEqual(HexFormat.of().parseHex(one.sha256()), hash)) found = one.key();
        }
        return found;
    }

    @Override
    public String issue(Caller caller, BrowserToken wanted) {
        return wanted.sign(tokenSecret(), String.valueOf(caller.key()));
    }

    @Override
    public long now() {
        return epochSeconds.getAsLong();
    }

    /// That of the stored keys, with which tokens outlive the process.
    private SecretKeySpec tokenSecret() {
        SecretKeySpec secret = known.secret();
        return secret == null ? processSecret : secret;
    }

    private Admission token(String text, @Nullable String origin) {
        BrowserToken.Verified token = BrowserToken.verify(text, tokenSecret());
        if (token == null) return refused();
        Key key = key(token.key());
        long time = epochSeconds.getAsLong();
        if (key == null || !key.good(time) || time >= token.expires()) return refused();
        if (token.origin() != null && !token.origin().equals(origin)) return refused();
        Allowance allowance =
                token.models().isEmpty() ? key.allowance() : key.allowance().of(token.models());
        return new Admission.Admitted(new Caller(key.ownedBy(), key.id(), key.team(), allowance, token.used()));
    }

    private @Nullable Key key(String id) {
        KeyStore.Stored stored = known.stored().get(id);
        if (stored != null) return stored.key();
        return rules.keys().stream()
                .map(HashedKey::key)
                .filter(key -> key.id().equals(id))
                .findFirst()
                .orElse(null);
    }

    /// The same for a missing, a wrong, an expired and a revoked key.
    private static Admission refused() {
        return new Admission.Refused(Failure.of(
                FailureCode.INVALID_API_KEY,
                "The key is missing, wrong, expired or revoked; send `Authorization: Bearer KEY` with one that"
                        + " `freshet keys create` made."));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
