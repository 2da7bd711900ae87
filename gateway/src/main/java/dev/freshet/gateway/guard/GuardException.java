package dev.freshet.gateway.guard;

import java.io.Serial;

/// A rule that cannot be used, or would take more time or memory than any rule may. The message names the
/// cure.
public final class GuardException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    public GuardException(String message) {
        super(message);
    }
}
