package dev.freshet.bench.client;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.Timeout;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// openai-java, read by a virtual thread for each answer.
final class OpenAiContender implements Contender {
    private final OpenAIClient client;

    OpenAiContender(URI base, Duration silence) {
        client = OpenAIOkHttpClient.builder()
                .baseUrl(base.toString())
                .apiKey("openai-java")
                .timeout(Timeout.builder().read(silence).build())
                .build();
    }

    @Override
    public Asking start(String model, Consumer<String> text) {
        ChatCompletionCreateParams params = ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage("count")
                .build();
        CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
        AtomicReference<@Nullable StreamResponse<ChatCompletionChunk>> open = new AtomicReference<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            try (StreamResponse<ChatCompletionChunk> stream =
                    client.chat().completions().createStreaming(params)) {
                open.set(stream);
                for (Iterator<ChatCompletionChunk> chunks = stream.stream().iterator(); chunks.hasNext(); )
                    for (ChatCompletionChunk.Choice choice : chunks.next().choices())
                        choice.delta()
                                .content()
                                .filter(piece -> !piece.isEmpty())
                                .ifPresent(text);
                end.complete(null);
            } catch (Exception e) {
                end.completeExceptionally(e);
            }
        });
        return new Asking(end, () -> {
            StreamResponse<ChatCompletionChunk> stream = open.get();
            if (stream != null) stream.close();
            else thread.interrupt(); // there is nothing else to be had before the head
        });
    }

    @Override
    public void close() {
        client.close();
    }
}
