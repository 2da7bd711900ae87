package dev.freshet.bench.client;

import dev.freshet.client.ChatCall;
import dev.freshet.client.ChatListener;
import dev.freshet.client.ChatOptions;
import dev.freshet.client.ChatRequest;
import dev.freshet.client.Chunk;
import dev.freshet.client.FreshetClient;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;

/// Ours.
final class FreshetContender implements Contender {
    private final FreshetClient client;

    FreshetContender(URI base, Duration silence) {
        client = FreshetClient.builder(base.toString())
                .key("freshet")
                .options(ChatOptions.DEFAULT.firstToken(silence).idle(silence))
                .build();
    }

    @Override
    public Asking start(String model, Consumer<String> text) {
        ChatCall call = client.start(ChatRequest.of(model, "count"), new ChatListener() {
            @Override
            public void onChunk(Chunk chunk) {
                if (!chunk.text().isEmpty()) text.accept(chunk.text());
            }
        });
        return new Asking(call.answer(), call::cancel);
    }

    @Override
    public void close() {
        client.close();
    }
}
