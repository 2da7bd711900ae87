package dev.freshet.gateway.access;

import org.jspecify.annotations.Nullable;

/// Says who asks. Thread-safe.
public interface Callers {
    /// Where no key is asked for.
    Callers ANYONE = (_, _) -> new Admission.Admitted(Caller.ANYONE);

    /// @param bearer the request's key, or its token of minutes; null where it has none
    /// @param origin of the page that asks; null where none does
    Admission admit(@Nullable String bearer, @Nullable String origin);

    /// Whether a key is asked for at all.
    default boolean askForKeys() {
        return false;
    }

    /// Whether a key that was good may still be used.
    ///
    /// @param key its id; null, where none was asked for, is as good as it was
    default boolean stillGood(@Nullable String key) {
        return true;
    }
}
