package dev.freshet.gateway.stream;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.StreamId;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where streams' logs are kept, so that readers find them: while they run, for a while after their end,
/// and, if the store is a durable one, after a restart. Thread-safe. Every answer comes as a message, so
/// that a store may be elsewhere; the memory store answers at once.
public interface LogStore extends AutoCloseable {
    /// Why no new log can be kept now; null where one can.
    @Nullable
    Failure refusal();

    /// Keeps a log from now on: makes its entries safe, and lets readers find it. On the log's loop, before
    /// anything is appended.
    ///
    /// @param request what is needed to go on with the stream after a crash; null where that is not wanted
    /// @param kept told on the log's loop, during this call or later, when the stream would be found again
    /// after a crash
    void keep(StreamLog log, byte @Nullable [] request, Runnable kept);

    /// Looks for a stream's log.
    ///
    /// @param loop where the answer is told, during this call or later; also the loop of a log that has to
    /// be made for it
    void find(StreamId id, Executor loop, Consumer<Lookup> found);

    /// Takes an Idempotency-Key for a stream that is about to begin, unless it is taken.
    ///
    /// @param loop where the answer is told, during this call or later
    void claim(Claim claim, StreamLog log, Executor loop, Consumer<Claims.Answer> answer);

    /// The stream failed, or was cancelled: its key is free again.
    void release(Claim claim, StreamId id);

    /// The stream is complete: from now on its key stands for the log that is kept.
    void complete(Claim claim, StreamId id);

    /// What all logs take in memory.
    MemoryBudget budget();

    /// Forgets what has expired. To be called about once a second, from any thread.
    void sweep();

    /// Makes safe what is not yet, and closes.
    @Override
    void close();
}
