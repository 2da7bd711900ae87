package dev.freshet.client;

import org.jspecify.annotations.Nullable;

/// The server does not take the request as it is: it is wrong, the key is, or the model is not there.
/// Asking the same again does not help. Any thread may read it.
public final class RefusedException extends ChatException {
    private static final long serialVersionUID = 1;

    RefusedException(String message, Facts facts, @Nullable Throwable cause) {
        super(message, facts, cause);
    }
}
