package dev.freshet.bench.client;

import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.HttpConnectStrategy;
import com.launchdarkly.eventsource.StreamClosedByServerException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/// LaunchDarkly's okhttp-eventsource, read by a virtual thread for each answer.
final class LaunchDarklyContender implements Contender {
    private final URI base;
    private final Duration silence;
    private final OkHttpClient client = new OkHttpClient();

    LaunchDarklyContender(URI base, Duration silence) {
        this.base = base;
        this.silence = silence;
    }

    @Override
    public Asking start(String model, Consumer<String> text) {
        HttpConnectStrategy connecting = HttpConnectStrategy.http(URI.create(base + "/chat/completions"))
                .httpClient(client)
                .readTimeout(silence.toMillis(), TimeUnit.MILLISECONDS)
                .header("Authorization", "Bearer launchdarkly")
                .methodAndBody("POST", RequestBody.create(Events.body(model), OkHttpContender.JSON));
        EventSource source = new EventSource.Builder(connecting).build();
        Events events = new Events(text);
        CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (source) {
                boolean done = false;
                while (!done) done = events.take(source.readMessage().getData());
                end.complete(null);
            } catch (StreamClosedByServerException e) {
                if (events.finished()) end.complete(null);
                else end.completeExceptionally(e);
            } catch (Exception e) {
                end.completeExceptionally(e);
            }
        });
        return new Asking(end, source::close);
    }

    @Override
    public void close() {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }
}
