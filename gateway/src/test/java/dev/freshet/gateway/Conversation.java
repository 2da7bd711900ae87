package dev.freshet.gateway;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// One request and its answer, over a connection of its own.
interface Conversation extends AutoCloseable {
    int status();

    /// A header of the answer; empty where it is not there.
    String header(String name);

    /// The next piece of the answer's body; null at its end.
    ///
    /// @throws IOException where it ends before that
    byte @Nullable [] piece() throws IOException;

    /// How long reading waits.
    void limit(int millis) throws IOException;

    /// Waits, without reading the answer, until the other side has reset it.
    ///
    /// @return whether it has
    boolean endsWithReset() throws IOException;

    /// Ends it as what fails does.
    void reset() throws IOException;

    @Override
    void close() throws IOException;
}
