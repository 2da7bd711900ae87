package dev.freshet.gateway.meter;

import org.jspecify.annotations.Nullable;

/// The ledger cannot be used; the message says why, and the cure.
public final class LedgerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LedgerException(String message) {
        this(message, null);
    }

    LedgerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
