package dev.freshet.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An answer as a publisher of chunks (Reactive Streams 1.0.4). It asks when someone subscribes; only one
/// may.
///
/// Any thread may use it. Signals come on the client's threads, or on the subscriber's own within
/// `request`; a subscriber must not block.
public final class ChatPublisher implements Flow.Publisher<Chunk> {
    private final Function<Receiver, Call> calls;
    private final AtomicBoolean subscribed = new AtomicBoolean();
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    ChatPublisher(Function<Receiver, Call> calls) {
        this.calls = calls;
    }

    /// Completes with the answer when the subscriber has seen its end, or with a [ChatException].
    public CompletableFuture<Answer> answer() {
        return answer.copy();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Chunk> subscriber) {
        if (!subscribed.compareAndSet(false, true)) {
            subscriber.onSubscribe(new Nothing());
            subscriber.onError(new IllegalStateException(
                    "an answer has one subscriber: asking twice is billed twice; make a publisher for each"));
            return;
        }
        Told told = new Told(subscriber);
        Call call = calls.apply(told);
        call.answer().whenComplete((whole, failure) -> {
            if (failure == null) answer.complete(whole);
            else answer.completeExceptionally(failure);
        });
        subscriber.onSubscribe(new Asking(call, told));
        if (!told.cancelled()) call.start();
    }

    /// For who came too late.
    private static final class Nothing implements Flow.Subscription {
        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
    }

    private static final class Asking implements Flow.Subscription {
        private final Call call;
        private final Told told;

        Asking(Call call, Told told) {
            this.call = call;
            this.told = told;
        }

        @Override
        public void request(long count) {
            if (count > 0) call.request(count);
            else call.refuse(new IllegalArgumentException("a subscriber asks for at least one (Reactive Streams 3.9)"));
        }

        @Override
        public void cancel() {
            told.cancel();
            call.cancel();
        }
    }

    /// The subscriber, until it has cancelled; then nothing holds it any more (Reactive Streams 3.13).
    private static final class Told implements Receiver {
        private volatile Flow.@Nullable Subscriber<? super Chunk> subscriber;

        Told(Flow.Subscriber<? super Chunk> subscriber) {
            this.subscriber = subscriber;
        }

        boolean cancelled() {
            return subscriber == null;
        }

        void cancel() {
            subscriber = null;
        }

        @Override
        public void chunk(Chunk chunk) {
            Flow.Subscriber<? super Chunk> told = subscriber;
            if (told == null) return;
            try {
                told.onNext(chunk);
            } catch (RuntimeException e) {
                cancel(); // who throws wants nothing more (2.13)
                throw e;
            }
        }

        @Override
        public void state(ChatState state) {}

        @Override
        public void done(Answer answer) {
            Flow.Subscriber<? super Chunk> told = subscriber;
            if (told != null) told.onComplete();
        }

        @Override
        public void failed(Throwable failure) {
            Flow.Subscriber<? super Chunk> told = subscriber;
            if (told != null) told.onError(failure);
        }
    }
}
