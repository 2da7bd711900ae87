package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Usage;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads one chunk for what [ChatStream] must know, with a streaming parser.
final class ChunkReader {
    /// More choices than any provider gives; a larger index is not remembered.
    private static final int MAX_CHOICES = 1024;

    private final JsonParser parser;
    private final BitSet choices = new BitSet(1);
    private final BitSet finished = new BitSet(1);
    private boolean error;
    private boolean content;
    private boolean usageGiven;
    private @Nullable Usage usage;
    private int texts;
    private int otherContents;
    private int textFrom;
    private int textTo;

    ChunkReader(JsonParser parser) {
        this.parser = parser;
    }

    void read() {
        if (parser.nextToken() != JsonToken.START_OBJECT) return;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "choices" -> choices(value);
                case "error" -> error |= value != JsonToken.VALUE_NULL && value != JsonToken.VALUE_FALSE;
                case "object" ->
                    error |= value == JsonToken.VALUE_STRING
                            && parser.getString().equals("error");
                case "usage" -> {
                    usageGiven |= value == JsonToken.START_OBJECT;
                    usage = UsageReader.read(parser, value);
                }
                case "x_groq" -> groq(value);
                default -> {}
            }
            ChatStream.skip(parser, parser.currentToken());
        }
    }

    /// Groq's own member, which tells what the answer takes whether one asked or not.
    private void groq(JsonToken start) {
        if (start != JsonToken.START_OBJECT) return;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean counts = parser.currentName().equals("usage");
            JsonToken value = parser.nextToken();
            if (counts) usage = UsageReader.read(parser, value);
            else ChatStream.skip(parser, value);
        }
        usageGiven |= usage != null;
    }

    private void choices(JsonToken value) {
        if (value != JsonToken.START_ARRAY) return;
        while (parser.nextToken() == JsonToken.START_OBJECT) choice();
    }

    private void choice() {
        int index = 0;
        boolean finish = false;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "index" -> index = value == JsonToken.VALUE_NUMBER_INT ? parser.getValueAsInt(0) : 0;
                case "finish_reason" -> finish = value == JsonToken.VALUE_STRING && parser.getStringLength() > 0;
                case "delta" -> delta(value);
                case "usage" -> usage = UsageReader.read(parser, value); // Kimi's place for it
                default -> ChatStream.skip(parser, value);
            }
        }
        if (index < 0 || index >= MAX_CHOICES) return;
        choices.set(index);
        if (finish) finished.set(index);
    }

    private void delta(JsonToken start) {
        if (start != JsonToken.START_OBJECT) return;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "content", "reasoning", "reasoning_content", "refusal" -> text(value);
                case "tool_calls", "function_call", "audio", "reasoning_details" -> structure(value);
                default -> ChatStream.skip(parser, value);
            }
        }
    }

    private void text(JsonToken value) {
        if (value != JsonToken.VALUE_STRING) {
            structure(value);
            return;
        }
        int from = Math.toIntExact(parser.currentTokenLocation().getByteOffset()) + 1;
        if (parser.getStringLength() == 0) return;
        content = true;
        texts++;
        textFrom = from;
        textTo = Math.toIntExact(parser.currentLocation().getByteOffset()) - 1;
    }

    private void structure(JsonToken value) {
        if (value != JsonToken.START_OBJECT && value != JsonToken.START_ARRAY) return;
        boolean array = value == JsonToken.START_ARRAY;
        JsonToken first = parser.nextToken();
        if (first == (array ? JsonToken.END_ARRAY : JsonToken.END_OBJECT)) return;
        content = true;
        otherContents++;
        // Up to the end of this structure, whatever it holds.
        for (int depth = 1; depth > 0; first = parser.nextToken()) {
            if (first == null) return;
            depth += first.isStructStart() ? 1 : first.isStructEnd() ? -1 : 0;
            if (depth == 0) return;
        }
    }

    boolean error() {
        return error;
    }

    boolean content() {
        return content;
    }

    @Nullable
    Usage usage() {
        return usage;
    }

    BitSet choices() {
        return choices;
    }

    BitSet finished() {
        return finished;
    }

    /// Whether the chunk is one piece of text and nothing else that matters.
    boolean onlyText() {
        return texts == 1 && otherContents == 0 && finished.isEmpty() && !usageGiven && !error;
    }

    /// Where the text begins and ends, in bytes from the chunk's beginning.
    int textFrom() {
        return textFrom;
    }

    int textTo() {
        return textTo;
    }
}
