package dev.freshet.bench.client;

import dev.freshet.client.ChatRequest;
import dev.freshet.client.Chunk;
import dev.freshet.client.FreshetClient;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.openai.api.OpenAiApi;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;

/// The recipes of `docs/java-client.md` for other libraries before a gateway, as they stand there.
final class Recipes {
    private Recipes() {}

    static CompletableFuture<String> langChain(String base, String key, String name, PrintStream out) {
        CompletableFuture<String> whole = new CompletableFuture<>();
        // docs: langchain4j
        OpenAiStreamingChatModel model = OpenAiStreamingChatModel.builder()
                .baseUrl(base) // http://127.0.0.1:8080/v1
                .apiKey(key)
                .modelName(name)
                .timeout(Duration.ofMinutes(5)) // to the first token only
                .build();
        model.chat("Hello", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String text) {
                out.print(text);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                whole.complete(response.aiMessage().text());
            }

            @Override
            public void onError(Throwable error) {
                whole.completeExceptionally(error);
            }
        });
        // end
        return whole;
    }

    static Flux<String> springAi(String address, String key, String name) {
        // docs: spring
        OpenAiApi api = OpenAiApi.builder()
                .baseUrl(address) // http://127.0.0.1:8080, without /v1
                .apiKey(key)
                .build();
        OpenAiChatModel model = OpenAiChatModel.builder()
                .openAiApi(api)
                .defaultOptions(OpenAiChatOptions.builder().model(name).build())
                .build();
        Flux<String> text = model.stream("Hello");
        // end
        return text;
    }

    static Flux<String> flux(FreshetClient client, ChatRequest request) {
        // docs: flux
        Flux<String> text =
                JdkFlowAdapter.flowPublisherToFlux(client.publisher(request)).map(Chunk::text);
        // end
        return text;
    }
}
