package dev.freshet.client;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The examples of `docs/java-client.md`, as they stand there.
final class Examples {
    private Examples() {}

    static void first(String base, String key, PrintStream out) {
        // docs: first
        try (FreshetClient client = FreshetClient.of(base, key)) {
            for (String text : client.stream(ChatRequest.of("demo", "Hello")).text()) out.print(text);
        }
        // end
    }

    static void chunks(FreshetClient client, PrintStream out) {
        // docs: chunks
        ChatRequest request = ChatRequest.of("demo")
                .system("Be brief.")
                .user("What is a freshet?")
                .maxTokens(60)
                .with("temperature", 0.2);
        try (ChatStream stream = client.stream(request)) {
            for (Chunk chunk : stream) {
                out.print(chunk.reasoning());
                out.print(chunk.text());
            }
            Answer answer = stream.answer();
            out.printf(
                    "%n%s after %s, %d tokens%n", answer.finishReason(), answer.duration(), answer.completionTokens());
            ChatRequest next = request.message(answer.message()).user("And where does the word come from?");
            out.println(client.ask(next).text());
        }
        // end
    }

    static void tools(FreshetClient client, ChatRequest question, PrintStream out) {
        // docs: tools
        Map<String, Object> weather = Map.of(
                "type",
                "function",
                "function",
                Map.of(
                        "name",
                        "weather",
                        "parameters",
                        Map.of("type", "object", "properties", Map.of("city", Map.of("type", "string")))));
        ChatRequest request = question.with("tools", List.of(weather));
        Answer answer = client.ask(request);
        ChatRequest next = request.message(answer.message());
        for (ToolCall call : answer.message().toolCalls()) next = next.message(Message.tool(call.id(), "rain, 12 °C"));
        out.println(client.ask(next).text());
        // end
    }

    static ChatCall listener(FreshetClient client, PrintStream out) {
        // docs: listener
        ChatCall call = client.start(ChatRequest.of("demo", "Hello"), new ChatListener() {
            @Override
            public void onChunk(Chunk chunk) {
                out.print(chunk.text());
            }

            @Override
            public void onAnswer(Answer answer) {
                out.println();
            }

            @Override
            public void onFailure(ChatException failure) {
                out.println(failure.getMessage());
            }
        });
        // end
        return call;
    }

    static void failures(FreshetClient client, ChatRequest request, PrintStream out) {
        // docs: failures
        try {
            out.println(client.ask(request).text());
        } catch (RateLimitedException e) {
            out.println("again " + e.retryAfter().map(wait -> "in " + wait).orElse("later"));
        } catch (TruncatedStreamException e) {
            out.println("cut off after: " + e.text());
        } catch (ChatException e) {
            out.println(e.code() + ", " + (e.retryable() ? "may be asked again" : "asking again does not help"));
        }
        // end
    }

    static void early(FreshetClient client, PrintStream out) {
        // docs: early
        ChatOptions options = ChatOptions.DEFAULT
                .stopWhen((text, tokens) -> tokens <= 50 && text.toString().contains("As an AI"))
                .retryWith(1, (request, answer) -> request.user("Answer the question itself."));
        Answer answer = client.ask(ChatRequest.of("demo", "Hello"), options);
        out.println(answer.text());
        out.println(answer.attempts().size() + " attempts, " + answer.completionTokens() + " tokens");
        // end
    }

    static ChatOptions options() {
        // docs: options
        ChatOptions options = ChatOptions.DEFAULT
                .firstToken(Duration.ofMinutes(1))
                .idle(Duration.ofSeconds(30))
                .total(Duration.ofMinutes(10))
                .retry(new Retry(4, Duration.ofMillis(250), Duration.ofSeconds(20), Retry.DEFAULT.statuses()))
                .restarts(1)
                .header("Freshet-Tag", "nightly");
        // end
        return options;
    }

    static void states(FreshetClient client, ChatRequest request, PrintStream out) {
        // docs: states
        try (ChatStream stream = client.stream(request, ChatOptions.DEFAULT, state -> {
            if (state instanceof ChatState.Reconnecting lost) out.println("lost, again in " + lost.in());
            if (state instanceof ChatState.Resumed again) out.println("goes on behind " + again.cursor());
        })) {
            stream.text().forEach(out::print);
        }
        // end
    }
}
