package dev.freshet.client;

import org.jspecify.annotations.Nullable;

/// What came is no stream of chat chunks: another content type, no JSON, an event over the limit.
/// Any thread may read it.
public final class BrokenStreamException extends ChatException {
    private static final long serialVersionUID = 1;

    BrokenStreamException(String message, Facts facts, @Nullable Throwable cause) {
        super(message, facts, cause);
    }
}
