package dev.freshet.bench.client;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;
import org.jspecify.annotations.Nullable;

/// okhttp-sse.
final class OkHttpContender implements Contender {
    static final MediaType JSON = MediaType.get("application/json");

    private final URI base;
    private final OkHttpClient client;
    private final EventSource.Factory sources;

    OkHttpContender(URI base, Duration silence) {
        this.base = base;
        client = new OkHttpClient.Builder().readTimeout(silence).build();
        sources = EventSources.createFactory(client);
    }

    @Override
    public Asking start(String model, Consumer<String> text) {
        Request request = new Request.Builder()
                .url(base + "/chat/completions")
                .header("Authorization", "Bearer okhttp-sse")
                .post(RequestBody.create(Events.body(model), JSON))
                .build();
        Events events = new Events(text);
        CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
        EventSource source = sources.newEventSource(request, new EventSourceListener() {
            @Override
            public void onEvent(EventSource from, @Nullable String id, @Nullable String type, String data) {
                try {
                    if (!end.isDone() && events.take(data)) end.complete(null);
                } catch (RuntimeException e) {
                    end.completeExceptionally(e);
                    from.cancel();
                }
            }

            @Override
            public void onClosed(EventSource from) {
                if (events.finished()) end.complete(null);
                else end.completeExceptionally(new IllegalStateException("closed before the end"));
            }

            @Override
            public void onFailure(EventSource from, @Nullable Throwable t, @Nullable Response response) {
                end.completeExceptionally(t != null ? t : new IllegalStateException("refused: " + response));
            }
        });
        return new Asking(end, source::cancel);
    }

    @Override
    public void close() {
        client.dispatcher().cancelAll();
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }
}
