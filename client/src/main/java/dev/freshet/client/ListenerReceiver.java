package dev.freshet.client;

/// The face that calls back.
final class ListenerReceiver implements Receiver {
    private final ChatListener listener;

    ListenerReceiver(ChatListener listener) {
        this.listener = listener;
    }

    @Override
    public void chunk(Chunk chunk) {
        listener.onChunk(chunk);
    }

    @Override
    public void state(ChatState state) {
        listener.onState(state);
    }

    @Override
    public void done(Answer answer) {
        listener.onAnswer(answer);
    }

    /// What the listener or a rule has thrown is told by [ChatCall#answer] only.
    @Override
    public void failed(Throwable failure) {
        if (failure instanceof ChatException told) listener.onFailure(told);
    }
}
