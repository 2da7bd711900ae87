package dev.freshet.gateway.stream.disk;

/// The disk store cannot be opened. The message says why, and names the cure.
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreException(String message) {
        super(message);
    }

    StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
