package dev.freshet.bench.client;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/// A client library, used as its own documentation shows, with its limit of silence set. The libraries of
/// mere event streams get a careful user: only `[DONE]` or a finish_reason counts as the end, and an error
/// in an event is one. Thread-safe.
public interface Contender extends AutoCloseable {
    /// An answer on its way.
    ///
    /// @param end when it ends: well where the library says that it is whole, else with what it threw
    /// @param cancel what a caller who loses interest does
    record Asking(CompletableFuture<?> end, Runnable cancel) {}

    /// One to make.
    ///
    /// @param of makes it, from the API's base and the limit of silence
    record Kind(String name, BiFunction<URI, Duration, Contender> of) {
        @Override
        public String toString() {
            return name;
        }
    }

    /// All of them, ours first.
    List<Kind> ALL = List.of(
            new Kind("Freshet", FreshetContender::new),
            new Kind("okhttp-sse", OkHttpContender::new),
            new Kind("LaunchDarkly", LaunchDarklyContender::new),
            new Kind("openai-java", OpenAiContender::new),
            new Kind("langchain4j", LangChainContender::new));

    /// Asks a model.
    ///
    /// @param text told of each piece as it comes, by one thread at a time
    Asking start(String model, Consumer<String> text);

    @Override
    void close();
}
