/// A client for streamed answers of language models: any server of OpenAI's chat API, and a Freshet
/// gateway, toward which a lost connection loses nothing.
///
/// [FreshetClient][dev.freshet.client.FreshetClient] is where to begin:
///
/// ```java try (FreshetClient client = FreshetClient.of("http://127.0.0.1:8080/v1", "sk-…")) {
///     for (String text : client.stream(ChatRequest.of("demo", "Hello")).text()) System.out.print(text); }
/// ```
///
/// Types are immutable and safe in any thread, where they do not say something else.
@NullMarked
package dev.freshet.client;

import org.jspecify.annotations.NullMarked;
