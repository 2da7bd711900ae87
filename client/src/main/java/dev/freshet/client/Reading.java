package dev.freshet.client;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// One request and the reading of its response. Its owner hears of everything in its own [Serial], and
/// takes one read at a time: what it does not ask for stays in the socket. Any thread may cancel it.
final class Reading implements HttpResponse.BodyHandler<@Nullable Void>, HttpResponse.BodySubscriber<@Nullable Void> {
    /// Whose reading it is. Nothing follows [#ended].
    interface Owner {
        /// The head; the first read has been asked for.
        void head(Reading from, HttpResponse.ResponseInfo head);

        /// What one read brought.
        void read(Reading from, byte[] bytes);

        /// The end of the bytes, or what broke before it.
        void ended(Reading from, @Nullable Throwable cause);
    }

    private static final int MOST_DRAINED = 64 << 10;
    private static final Duration DRAINING = Duration.ofSeconds(1);

    private final Owner owner;
    private final Executor serial;
    private int drained;
    private volatile boolean cancelled;
    private volatile boolean draining;
    private volatile Flow.@Nullable Subscription subscription;
    private volatile @Nullable CompletableFuture<?> response;

    Reading(Owner owner, Executor serial) {
        this.owner = owner;
        this.serial = serial;
    }

    void start(HttpClient http, HttpRequest request) {
        CompletableFuture<HttpResponse<@Nullable Void>> sent = http.sendAsync(request, this);
        response = sent;
        if (cancelled) sent.cancel(true);
        sent.whenComplete((done, cause) -> {
            if (cause != null) serial.execute(() -> owner.ended(this, cause));
        });
    }

    /// Asks for one read more.
    void more() {
        Flow.Subscription body = subscription;
        if (body != null) body.request(1);
    }

    /// Reads what is left and forgets it, so that the connection can serve again; where much is left, or it
    /// takes long, closes it. The owner hears nothing more.
    ///
    /// @param asked whether a read is under way
    void drain(boolean asked) {
        draining = true;
        if (!asked) more();
        Timer.after(DRAINING, Runnable::run, this::cancel);
    }

    /// Closes the connection, whatever is under way.
    void cancel() {
        cancelled = true;
        Flow.Subscription body = subscription;
        if (body != null) body.cancel();
        CompletableFuture<?> sent = response;
        if (sent != null) sent.cancel(true);
    }

    @Override
    public HttpResponse.BodySubscriber<@Nullable Void> apply(HttpResponse.ResponseInfo head) {
        serial.execute(() -> owner.head(this, head));
        return this;
    }

    @Override
    public CompletionStage<@Nullable Void> getBody() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onSubscribe(Flow.Subscription body) {
        subscription = body;
        if (cancelled) body.cancel();
        else body.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        int length = 0;
        for (ByteBuffer buffer : buffers) length += buffer.remaining();
        if (draining) {
            drained += length;
            if (drained > MOST_DRAINED) cancel();
            else more();
            return;
        }
        byte[] bytes = new byte[length];
        int at = 0;
        for (ByteBuffer buffer : buffers) {
            int count = buffer.remaining();
            buffer.get(bytes, at, count);
            at += count;
        }
        serial.execute(() -> owner.read(this, bytes));
    }

    @Override
    public void onError(Throwable cause) {
        serial.execute(() -> owner.ended(this, cause));
    }

    @Override
    public void onComplete() {
        serial.execute(() -> owner.ended(this, null));
    }
}
