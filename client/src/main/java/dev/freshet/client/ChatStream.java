package dev.freshet.client;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An answer that is read by a thread that waits for it: natural on virtual threads. It can be read once,
/// as chunks or as [#text].
///
/// One thread reads; any thread may call [#cancel], [#close] and [#result]. Closing it before its end stops
/// the provider.
public final class ChatStream implements Iterable<Chunk>, AutoCloseable {
    private static final int AHEAD = 64;

    private final Consumer<ChatState> states;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition came = lock.newCondition();

    // under the lock
    private final Queue<Chunk> ready = new ArrayDeque<>();
    private @Nullable Throwable failure;
    private boolean over;
    private boolean cancelled;

    // the reader's
    private int taken;
    private boolean reading;

    @SuppressWarnings("NullAway.Init") // set before anyone has the stream
    private Call call;

    ChatStream(Consumer<ChatState> states) {
        this.states = states;
    }

    void start(Call starting) {
        call = starting;
        starting.request(AHEAD);
        starting.start();
    }

    /// The chunks, as they come. Waits for each; its end is the answer's.
    ///
    /// @throws IllegalStateException where it is read already
    @Override
    public Iterator<Chunk> iterator() {
        if (reading) throw new IllegalStateException("a stream can be read once");
        reading = true;
        return new Chunks();
    }

    /// The text of the first choice, piece by piece, as it comes; without the empty ones.
    ///
    /// @throws IllegalStateException where it is read already
    public Iterable<String> text() {
        Iterator<Chunk> chunks = iterator();
        return () -> new Texts(chunks);
    }

    /// Reads the rest, and gives the whole.
    ///
    /// @throws ChatException where it failed
    /// @throws CancellationException where the thread was interrupted: the call is cancelled
    public Answer answer() {
        Chunks rest = new Chunks();
        reading = true;
        while (rest.hasNext()) rest.next();
        try {
            return call.answer().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ChatException told) throw told;
            throw e;
        }
    }

    /// Completes with the answer when it has been read to its end, or was cancelled; or with a [ChatException].
    public CompletableFuture<Answer> result() {
        return call.answer();
    }

    /// Ends the answer: who reads it sees its end, at once. As [ChatCall#cancel].
    public void cancel() {
        lock.lock();
        try {
            cancelled = true;
            ready.clear();
            came.signalAll();
        } finally {
            lock.unlock();
        }
        call.cancel();
    }

    /// As [#cancel].
    @Override
    public void close() {
        cancel();
    }

    /// The next chunk; null at the end.
    private @Nullable Chunk next() {
        Chunk chunk = take();
        if (chunk != null && ++taken == AHEAD / 2) {
            taken = 0;
            call.request(AHEAD / 2);
        }
        return chunk;
    }

    private @Nullable Chunk take() {
        lock.lock();
        try {
            while (ready.isEmpty() && !over && !cancelled) came.await();
            if (!ready.isEmpty()) return ready.remove();
            if (failure instanceof ChatException told) throw told;
            if (failure != null) throw new CompletionException(failure);
            return null;
        } catch (InterruptedException e) {
            call.cancel();
            Thread.currentThread().interrupt();
            throw new CancellationException("the thread that read the answer was interrupted");
        } finally {
            lock.unlock();
        }
    }

    /// What the call delivers.
    Receiver receiver() {
        return new Receiver() {
            @Override
            public void chunk(Chunk chunk) {
                change(() -> ready.add(chunk));
            }

            @Override
            public void state(ChatState state) {
                if (state instanceof ChatState.Restarted) change(ready::clear);
                states.accept(state);
            }

            @Override
            public void done(Answer answer) {
                change(() -> over = true);
            }

            @Override
            public void failed(Throwable thrown) {
                change(() -> {
                    over = true;
                    failure = thrown;
                });
            }
        };
    }

    private void change(Runnable how) {
        lock.lock();
        try {
            how.run();
            came.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private final class Chunks implements Iterator<Chunk> {
        private @Nullable Chunk next;

        @Override
        public boolean hasNext() {
            if (next == null) next = ChatStream.this.next();
            return next != null;
        }

        @Override
        public Chunk next() {
            Chunk chunk = hasNext() ? next : null;
            if (chunk == null) throw new NoSuchElementException("the answer is over");
            next = null;
            return chunk;
        }
    }

    private static final class Texts implements Iterator<String> {
        private final Iterator<Chunk> chunks;
        private String next = "";

        Texts(Iterator<Chunk> chunks) {
            this.chunks = chunks;
        }

        @Override
        public boolean hasNext() {
            while (next.isEmpty() && chunks.hasNext()) next = chunks.next().text();
            return !next.isEmpty();
        }

        @Override
        public String next() {
            if (!hasNext()) throw new NoSuchElementException("the answer is over");
            String text = next;
            next = "";
            return text;
        }
    }
}
