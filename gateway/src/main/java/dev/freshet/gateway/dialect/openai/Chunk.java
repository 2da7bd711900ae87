package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Usage;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// A chunk taken apart, for the rare times when its text is needed. The pump does without ([ChatStream]).
final class Chunk {
    @Nullable
    String id;

    long created;

    @Nullable
    String model;

    /// How many choices it has.
    int choices;

    /// The largest index of them.
    int index;

    /// The text of the answer, of all its choices.
    final StringBuilder text = new StringBuilder(0);

    boolean reasoning;

    /// Tool calls, audio, a refusal: what is neither text nor reasoning.
    boolean other;

    boolean finished;

    @Nullable
    Usage usage;

    private Chunk() {}

    /// @return null where it is no JSON object
    static @Nullable Chunk read(byte[] array, int offset, int length) {
        Chunk chunk = new Chunk();
        try (JsonParser parser = Json.parser(array, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) return null;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) chunk.member(parser);
            return chunk;
        } catch (JacksonException e) {
            return null;
        }
    }

    private void member(JsonParser parser) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (name) {
            case "id" -> id = string(parser, value);
            case "model" -> model = string(parser, value);
            case "created" -> created = value == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : 0;
            case "usage" -> usage = UsageReader.read(parser, value);
            case "choices" -> {
                if (value == JsonToken.START_ARRAY) while (parser.nextToken() == JsonToken.START_OBJECT) choice(parser);
            }
            default -> ChatStream.skip(parser, value);
        }
    }

    private void choice(JsonParser parser) {
        choices++;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "index" -> index = Math.max(index, parser.getValueAsInt(0));
                case "finish_reason" -> finished |= value == JsonToken.VALUE_STRING;
                case "delta" -> {
                    if (value == JsonToken.START_OBJECT)
                        while (parser.nextToken() == JsonToken.PROPERTY_NAME) delta(parser);
                }
                default -> ChatStream.skip(parser, value);
            }
        }
    }

    private void delta(JsonParser parser) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        boolean something = value == JsonToken.VALUE_STRING ? parser.getStringLength() > 0 : value.isStructStart();
        switch (name) {
            case "content" -> {
                if (value == JsonToken.VALUE_STRING) text.append(parser.getString());
                else other |= something;
            }
            case "reasoning", "reasoning_content", "reasoning_details" -> reasoning |= something;
            case "refusal", "tool_calls", "function_call", "audio" -> other |= something;
            default -> {}
        }
        ChatStream.skip(parser, parser.currentToken());
    }

    private static @Nullable String string(JsonParser parser, JsonToken value) {
        String text = value == JsonToken.VALUE_STRING ? parser.getString() : null;
        ChatStream.skip(parser, value);
        return text;
    }
}
