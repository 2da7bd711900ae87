package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Usage;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads the `usage` of a chunk or of a whole answer. Source: OpenAI's API reference, "The chat completion
/// object".
final class UsageReader {
    private UsageReader() {}

    /// @param value the token that the parser stands on; all of the value is read
    /// @return null where it holds no counts
    static @Nullable Usage read(JsonParser parser, JsonToken value) {
        if (value != JsonToken.START_OBJECT) {
            ChatStream.skip(parser, value);
            return null;
        }
        long prompt = -1;
        long completion = -1;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken member = parser.nextToken();
            boolean count = member == JsonToken.VALUE_NUMBER_INT;
            if (count && name.equals("prompt_tokens")) prompt = parser.getLongValue();
            if (count && name.equals("completion_tokens")) completion = parser.getLongValue();
            ChatStream.skip(parser, member);
        }
        return prompt < 0 || completion < 0 ? null : Usage.reported(prompt, completion);
    }
}
