package dev.freshet.gateway.upstream;

import dev.freshet.gateway.dialect.openai.EventMeaning;
import dev.freshet.sse.EventView;

/// What an attempt tells of itself. All calls come on its event loop.
public interface AttemptListener {
    /// An event of the answer; errors and `[DONE]` are told by [#ended].
    ///
    /// @param event valid during the call only
    void event(EventView event, EventMeaning meaning);

    /// All that came in one read of the network was told.
    void batchEnd();

    /// The whole answer of a request that did not ask for a stream: the body of a 200, JSON by its content
    /// type.
    void whole(byte[] body);

    /// The attempt is over. Comes exactly once, and nothing after it; not after [Attempt#cancel].
    void ended(AttemptEnd end);
}
