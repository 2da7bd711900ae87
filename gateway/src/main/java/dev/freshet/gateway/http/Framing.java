package dev.freshet.gateway.http;

import dev.freshet.gateway.stream.LogCursor;
import io.netty.buffer.ByteBuf;

/// How entries become server-sent events. Owned by the connection's loop.
interface Framing {
    /// Writes the entry that the cursor stands on, and perhaps some that follow.
    ///
    /// @return whether that was the last one for this client
    boolean write(LogCursor cursor, ByteBuf out);

    /// The most bytes that an entry needs besides its own.
    int overhead();
}
