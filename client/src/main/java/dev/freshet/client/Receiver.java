package dev.freshet.client;

/// Whom a call delivers to: one of the three faces. Called one at a time; the last call is [#done] or
/// [#failed].
interface Receiver {
    void chunk(Chunk chunk);

    void state(ChatState state);

    void done(Answer answer);

    void failed(Throwable failure);
}
