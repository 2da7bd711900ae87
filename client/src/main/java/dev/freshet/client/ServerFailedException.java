package dev.freshet.client;

import org.jspecify.annotations.Nullable;

/// The server, or a provider behind it, says that it failed. Any thread may read it.
public final class ServerFailedException extends ChatException {
    private static final long serialVersionUID = 1;

    ServerFailedException(String message, Facts facts, @Nullable Throwable cause) {
        super(message, facts, cause);
    }
}
