package dev.freshet.gateway.http;

import dev.freshet.gateway.model.Failure;
import org.jspecify.annotations.Nullable;

/// One thing that the gateway can be asked for.
interface Route {
    /// Looks at the head alone, so that what can not be served is refused before its body is read.
    ///
    /// @return null where it can be
    default @Nullable Failure refusal(Request request) {
        return null;
    }

    /// Who may ask for it; a key is needed unless a route says otherwise.
    default Role role() {
        return Role.KEY;
    }

    /// The most that a body may have, in bytes.
    default int maxBody() {
        return 0;
    }

    /// Answers. On the connection's event loop; must not block.
    void serve(Request request, byte[] body, Response response);
}
