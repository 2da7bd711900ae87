package dev.freshet.client;

import java.util.concurrent.CompletableFuture;

/// A call that runs. Any thread may use it.
public interface ChatCall {
    /// Ends the call, at any moment, before the server has answered too. The connection is closed, so the
    /// provider stops; a Freshet gateway is told so as well. Chunks that nobody has taken yet are dropped,
    /// and the answer is what came ([Answer.Ending#CANCELLED]). Does nothing where the call has ended.
    void cancel();

    /// Completes with the answer, or with a [ChatException]. Changes of the returned future do not touch
    /// the call.
    CompletableFuture<Answer> answer();
}
