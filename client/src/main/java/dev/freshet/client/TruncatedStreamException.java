package dev.freshet.client;

import org.jspecify.annotations.Nullable;

/// The stream ended without evidence that the answer is whole: the connection broke, or the server closed
/// it early. What came is in [#answer]; it must not be taken for the answer. Any thread may read it.
public final class TruncatedStreamException extends ChatException {
    private static final long serialVersionUID = 1;

    TruncatedStreamException(String message, Facts facts, @Nullable Throwable cause) {
        super(message, facts, cause);
    }
}
