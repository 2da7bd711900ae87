package dev.freshet.client;

/// Takes an answer as it comes. Its methods are called one at a time, in order, and never after the last of
/// them ([#onAnswer] or [#onFailure]). They run on the client's threads, which other calls need too: they
/// must not block. One that throws ends the call.
public interface ChatListener {
    /// The next piece.
    default void onChunk(Chunk chunk) {}

    /// What happens with the connection.
    default void onState(ChatState state) {}

    /// The end: the answer is whole, or was stopped ([Answer#ending]).
    default void onAnswer(Answer answer) {}

    /// The end: it failed.
    default void onFailure(ChatException failure) {}
}
