package dev.freshet.gateway.stream;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stream that ran when the process before this one died.
public interface Interrupted {
    StreamHead head();

    /// What is needed to go on with it; null where nothing was kept for that.
    byte @Nullable [] request();

    /// What was kept with the log, in its order ([StreamLog#note]).
    List<byte[]> notes();

    /// Puts the entries into a log, which is kept from then on. On the log's loop.
    void fill(StreamLog log);
}
