package dev.freshet.bench.client;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// langchain4j's model for OpenAI's API.
final class LangChainContender implements Contender {
    private final URI base;
    private final Duration silence;
    private final ConcurrentHashMap<String, OpenAiStreamingChatModel> models = new ConcurrentHashMap<>();

    LangChainContender(URI base, Duration silence) {
        this.base = base;
        this.silence = silence;
    }

    private OpenAiStreamingChatModel model(String name) {
        return OpenAiStreamingChatModel.builder()
                .baseUrl(base.toString())
                .apiKey("langchain4j")
                .modelName(name)
                .timeout(silence)
                .build();
    }

    @Override
    public Asking start(String model, Consumer<String> text) {
        CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
        AtomicReference<@Nullable StreamingHandle> handle = new AtomicReference<>();
        StreamingChatResponseHandler handler = new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                handle.set(context.streamingHandle());
                text.accept(piece.text());
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                end.complete(null);
            }

            @Override
            public void onError(Throwable error) {
                end.completeExceptionally(error);
            }
        };
        OpenAiStreamingChatModel chat = models.computeIfAbsent(model, this::model);
        // Where the head comes at once, `chat` reads all of the answer before it returns.
        Thread.ofPlatform().daemon().start(() -> {
            try {
                chat.chat("count", handler);
            } catch (RuntimeException e) {
                end.completeExceptionally(e);
            }
        });
        return new Asking(end, () -> {
            StreamingHandle now = handle.get();
            if (now != null) now.cancel(); // there is none before the first piece
        });
    }

    @Override
    public void close() {}
}
