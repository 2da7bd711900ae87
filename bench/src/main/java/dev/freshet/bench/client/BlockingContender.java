package dev.freshet.bench.client;

import dev.freshet.client.ChatRequest;
import dev.freshet.client.ChatStream;
import dev.freshet.client.FreshetClient;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Ours, read by a virtual thread for each answer.
final class BlockingContender implements Contender {
    private final FreshetClient client;

    BlockingContender(URI base, Duration silence) {
        client = FreshetClient.of(base.toString(), "freshet");
    }

    @Override
    public Asking start(String model, Consumer<String> text) {
        ChatStream stream = client.stream(ChatRequest.of(model, "count"));
        CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (stream) {
                stream.text().forEach(text);
                end.complete(null);
            } catch (RuntimeException e) {
                end.completeExceptionally(e);
            }
        });
        return new Asking(end, stream::cancel);
    }

    @Override
    public void close() {
        client.close();
    }
}
