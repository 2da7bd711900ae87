package dev.freshet.client;

import org.jspecify.annotations.Nullable;

/// No connection could be made: the name is unknown, the address refuses, the connect limit is over, TLS
/// failed. Nothing was sent. Any thread may read it.
public final class UnreachableException extends ChatException {
    private static final long serialVersionUID = 1;

    UnreachableException(String message, Facts facts, @Nullable Throwable cause) {
        super(message, facts, cause);
    }
}
