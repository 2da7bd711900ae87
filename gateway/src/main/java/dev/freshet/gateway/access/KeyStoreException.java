package dev.freshet.gateway.access;

/// The keys' file cannot be used; the message says why, and the cure.
public final class KeyStoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    KeyStoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
