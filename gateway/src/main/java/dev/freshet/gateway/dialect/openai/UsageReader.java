package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Usage;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads the `usage` of a chunk or of a whole answer, in the places where providers put its parts. Sources:
/// OpenAI's API reference, "The chat completion object"; DeepSeek's, "Create Chat Completion"
/// (`prompt_cache_hit_tokens`); Moonshot's (`cached_tokens`); xAI's and Google's pages on their compatible
/// APIs, whose completion leaves out what the model thought, while the total has it.
final class UsageReader {
    private final JsonParser parser;
    private long prompt = -1;
    private long completion = -1;
    private long total;
    private long cached;
    private long reasoning;

    private UsageReader(JsonParser parser) {
        this.parser = parser;
    }

    /// @param value the token that the parser stands on; all of the value is read
    /// @return null where it holds no counts
    static @Nullable Usage read(JsonParser parser, @Nullable JsonToken value) {
        if (value != JsonToken.START_OBJECT) {
            ChatStream.skip(parser, value);
            return null;
        }
        return new UsageReader(parser).usage();
    }

    private @Nullable Usage usage() {
        members();
        if (prompt < 0 || completion < 0) return null;
        long unsaid = total - prompt - completion;
        return Usage.reported(
                prompt,
                Math.min(cached, prompt),
                unsaid > 0 ? completion + unsaid : completion,
                Math.max(reasoning, unsaid));
    }

    private void members() {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            boolean details = name.equals("prompt_tokens_details") || name.equals("completion_tokens_details");
            if (details && value == JsonToken.START_OBJECT) members();
            else if (value == JsonToken.VALUE_NUMBER_INT) count(name, Math.max(0, parser.getValueAsLong(0)));
            else ChatStream.skip(parser, value);
        }
    }

    private void count(String name, long count) {
        switch (name) {
            case "prompt_tokens" -> prompt = count;
            case "completion_tokens" -> completion = count;
            case "total_tokens" -> total = count;
            case "cached_tokens", "prompt_cache_hit_tokens", "cache_read_input_tokens" ->
                cached = Math.max(cached, count);
            case "reasoning_tokens" -> reasoning = count;
            default -> {}
        }
    }
}
