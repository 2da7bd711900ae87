package dev.freshet.gateway.dialect.openai;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// All that an answer says, choice by choice, put together from its chunks or read from the whole, for
/// counting. Not thread-safe.
public final class Transcript {
    /// More choices than any provider gives; what has a larger index goes to the last.
    private static final int MAX_CHOICES = 128;

    private final TreeMap<Integer, StringBuilder> answers = new TreeMap<>();
    private final TreeMap<Integer, StringBuilder> thoughts = new TreeMap<>();
    private @Nullable ChunkShape shape; // of the chunks that are one text and little else, as most are
    private @Nullable StringBuilder into; // where the text of the last chunk went, if it had but one
    private int texts;

    /// Takes the next event's data; what is no JSON says nothing, and what is not UTF-8 is replaced.
    public void add(byte[] array, int offset, int length) {
        if (shape != null && into != null && shape.matches(array, offset, length)) {
            JsonText.unescape(array, offset + shape.before(), offset + length - shape.behind(), into);
            return;
        }
        texts = 0;
        if (read(array, offset, length)) {
            shape = texts == 1 ? ChunkShape.of(array, offset, length) : null;
            return;
        }
        byte[] mended = new String(array, offset, length, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        read(mended, 0, mended.length);
    }

    /// @return whether it is JSON; where it is not, nothing of it was taken, because a chunk has one choice
    /// mostly
    private boolean read(byte[] array, int offset, int length) {
        try (JsonParser parser = Json.parser(array, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) return true;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean choices = parser.currentName().equals("choices");
                JsonToken value = parser.nextToken();
                if (choices && value == JsonToken.START_ARRAY) {
                    int at = 0;
                    while (parser.nextToken() == JsonToken.START_OBJECT) choice(parser, at++);
                } else {
                    ChatStream.skip(parser, value);
                }
            }
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }

    /// A choice's index may come behind its delta, so its texts are put where it belongs at its end.
    private void choice(JsonParser parser, int place) {
        int index = place;
        StringBuilder answer = new StringBuilder(0);
        StringBuilder thought = new StringBuilder(0);
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("index")) index = Math.clamp(parser.getValueAsInt(0), 0, MAX_CHOICES);
            else if ((name.equals("delta") || name.equals("message")) && value == JsonToken.START_OBJECT)
                delta(parser, answer, thought);
            else ChatStream.skip(parser, value);
        }
        append(answers, index, answer);
        append(thoughts, index, thought);
    }

    private void append(Map<Integer, StringBuilder> channel, int index, StringBuilder text) {
        if (text.isEmpty()) return;
        texts++;
        into = channel.computeIfAbsent(index, _ -> new StringBuilder()).append(text);
    }

    private static void delta(JsonParser parser, StringBuilder answer, StringBuilder thought) {
        boolean thinks = false;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "content", "refusal", "tool_calls", "function_call" -> strings(parser, value, answer);
                case "reasoning", "reasoning_content" -> {
                    if (!thinks) strings(parser, value, thought); // some send both, alike
                    thinks = true;
                }
                default -> ChatStream.skip(parser, value);
            }
        }
    }

    /// A text, or all that a structure says: the names and arguments of calls, the texts of parts.
    private static void strings(JsonParser parser, JsonToken value, StringBuilder into) {
        if (value == JsonToken.VALUE_STRING) into.append(parser.getString());
        if (!value.isStructStart()) return;
        String name = "";
        for (int depth = 1; depth > 0; ) {
            JsonToken token = parser.nextToken();
            if (token == null) return;
            if (token == JsonToken.PROPERTY_NAME) name = parser.currentName();
            else if (token.isStructStart()) depth++;
            else if (token.isStructEnd()) depth--;
            else if (token == JsonToken.VALUE_STRING && !name.equals("id") && !name.equals("type"))
                into.append(parser.getString());
        }
    }

    public List<String> answers() {
        return answers.values().stream().map(StringBuilder::toString).toList();
    }

    public List<String> thoughts() {
        return thoughts.values().stream().map(StringBuilder::toString).toList();
    }
}
