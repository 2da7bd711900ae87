package dev.freshet.gateway.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Lets the gateway's own first requests in, before it is ready: with a key that nobody else knows, and that
/// is worth nothing afterwards. Thread-safe.
public final class WarmUp implements Callers {
    private final Callers callers;
    private final String key = Base64.getUrlEncoder().withoutPadding().encodeToString(Secrets.random());
    private volatile boolean over;

    /// @param callers who asks otherwise
    public WarmUp(Callers callers) {
        this.callers = callers;
    }

    /// The key, good until [#over].
    public String key() {
        return key;
    }

    /// From now on the key is worth nothing.
    public void over() {
        over = true;
    }

    @Override
    public Admission admit(@Nullable String bearer, @Nullable String origin) {
        boolean own = !over
                && bearer != null
                && MessageDigest.isEqual(
                        key.getBytes(StandardCharsets.US_ASCII), bearer.getBytes(StandardCharsets.UTF_8));
        return own ? new Admission.Admitted(Caller.WARM_UP) : callers.admit(bearer, origin);
    }

    @Override
    public boolean askForKeys() {
        return callers.askForKeys();
    }

    @Override
    public boolean stillGood(@Nullable String id) {
        return callers.stillGood(id);
    }
}
