package dev.freshet.client;

import dev.freshet.sse.EventView;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads chunks of one answer. What repeats from chunk to chunk (id, model) is made once. Not thread-safe.
final class ChunkReader {
    /// What an event's data is.
    sealed interface Said {
        /// A chunk.
        record Piece(Chunk chunk) implements Said {}

        /// The server says that it failed.
        record Failed(ServerError error) implements Said {}

        /// No JSON object.
        record Nonsense() implements Said {}
    }

    private static final Said NONSENSE = new Said.Nonsense();

    private String id = "";
    private String model = "";
    private String reasoningField = "reasoning_content";

    // of the chunk that is being read
    private List<Chunk.Delta> deltas = List.of();
    private @Nullable Usage usage;
    private boolean error;

    /// @param attempt for [Chunk#attempt]
    Said read(EventView event, String cursor, int attempt) {
        return read(event.array(), event.offset(), event.length(), event.hasType("error"), cursor, attempt);
    }

    Said read(byte[] bytes, int offset, int length, boolean errorEvent, String cursor, int attempt) {
        String json = new String(bytes, offset, length, StandardCharsets.UTF_8);
        error = errorEvent;
        if (!parse(bytes, offset, length)) {
            // Malformed UTF-8 is no reason to lose an answer: it has become U+FFFD in the string.
            byte[] replaced = json.getBytes(StandardCharsets.UTF_8);
            if (Arrays.equals(replaced, 0, replaced.length, bytes, offset, offset + length)) return NONSENSE;
            if (!parse(replaced, 0, replaced.length)) return NONSENSE;
        }
        if (error) return failed(json, errorEvent);
        return new Said.Piece(new Chunk(id, model, deltas, usage, json, cursor, attempt));
    }

    private boolean parse(byte[] bytes, int offset, int length) {
        deltas = List.of();
        usage = null;
        try (JsonParser parser = Json.parser(bytes, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) return false;
            while (parser.nextToken() != JsonToken.END_OBJECT) top(parser);
            return parser.nextToken() == null;
        } catch (JacksonException e) {
            return false;
        }
    }

    private static Said failed(String json, boolean errorEvent) {
        Map<String, @Nullable Object> body = Json.object(json);
        if (body == null) return NONSENSE;
        ServerError said = ServerError.of(body);
        if (said != null) return new Said.Failed(said);
        return errorEvent ? new Said.Failed(ServerError.read(body)) : NONSENSE;
    }

    /// The name under which this server sends reasoning.
    String reasoningField() {
        return reasoningField;
    }

    private void top(JsonParser parser) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        switch (name) {
            case "id" -> id = same(parser, id);
            case "model" -> model = same(parser, model);
            case "choices" -> {
                if (token == JsonToken.START_ARRAY) choices(parser);
                else parser.skipChildren();
            }
            case "usage" -> usage(parser);
            case "error" -> {
                error |= token != JsonToken.VALUE_NULL;
                parser.skipChildren();
            }
            case "object", "type" -> error |= Json.text(parser).equals("error");
            default -> parser.skipChildren();
        }
    }

    private void usage(JsonParser parser) {
        if (parser.currentToken() == JsonToken.START_OBJECT) usage = Usage.of(Json.object(parser));
        else parser.skipChildren();
    }

    /// The parser's text, as the string that is known where it is the same.
    private static String same(JsonParser parser, String known) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            parser.skipChildren();
            return known;
        }
        int length = parser.getStringLength();
        if (length != known.length()) return parser.getString();
        char[] chars = parser.getStringCharacters();
        int from = parser.getStringOffset();
        for (int i = 0; i < length; i++) if (chars[from + i] != known.charAt(i)) return parser.getString();
        return known;
    }

    private void choices(JsonParser parser) {
        int position = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                parser.skipChildren();
                continue;
            }
            Chunk.Delta delta = choice(parser, position++);
            if (deltas.isEmpty()) {
                deltas = List.of(delta);
            } else {
                List<Chunk.Delta> more = new ArrayList<>(deltas);
                more.add(delta);
                deltas = List.copyOf(more);
            }
        }
    }

    private Chunk.Delta choice(JsonParser parser, int position) {
        DeltaReader delta = new DeltaReader(position);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (name) {
                case "index" -> delta.index = token == JsonToken.VALUE_NUMBER_INT ? parser.getIntValue() : position;
                case "finish_reason" ->
                    delta.finishReason = token == JsonToken.VALUE_STRING ? parser.getString() : null;
                case "delta", "message" -> {
                    if (token == JsonToken.START_OBJECT) delta.members(parser);
                    else parser.skipChildren();
                }
                case "usage" -> usage(parser); // where Moonshot has it
                default -> parser.skipChildren();
            }
        }
        return delta.read();
    }

    /// The members of one delta.
    private final class DeltaReader {
        private int index;
        private @Nullable String finishReason;
        private String text = "";
        private String reasoning = "";
        private String refusal = "";
        private List<Chunk.ToolCallPart> calls = List.of();
        private Map<String, @Nullable Object> other = Map.of();

        DeltaReader(int index) {
            this.index = index;
        }

        Chunk.Delta read() {
            return new Chunk.Delta(index, text, reasoning, refusal, calls, finishReason, other);
        }

        void members(JsonParser parser) {
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                switch (name) {
                    case "role" -> parser.skipChildren();
                    case "content" -> {
                        if (token == JsonToken.START_ARRAY) parts(parser);
                        else text = Json.text(parser);
                    }
                    case "reasoning_content", "reasoning" -> {
                        String piece = Json.text(parser);
                        if (!piece.isEmpty()) {
                            reasoning = piece;
                            reasoningField = name;
                        }
                    }
                    case "refusal" -> refusal = Json.text(parser);
                    case "tool_calls" -> {
                        if (token == JsonToken.START_ARRAY) toolCalls(parser);
                        else parser.skipChildren();
                    }
                    default -> other(name, Json.value(parser));
                }
            }
        }

        private void other(String name, @Nullable Object value) {
            boolean nothing = value == null
                    || value.equals("")
                    || (value instanceof List<?> list && list.isEmpty())
                    || (value instanceof Map<?, ?> map && map.isEmpty());
            if (nothing) return;
            if (other.isEmpty()) other = new LinkedHashMap<>();
            other.put(name, value);
        }

        /// Content in parts, as Mistral's reasoning models send it.
        private void parts(JsonParser parser) {
            if (!(Json.value(parser) instanceof List<?> parts)) return;
            for (Object one : parts) {
                if (!(one instanceof Map<?, ?> part)) continue;
                if (part.get("text") instanceof String piece) text += piece;
                if (part.get("thinking") instanceof List<?> thoughts)
                    for (Object thought : thoughts)
                        if (thought instanceof Map<?, ?> said && said.get("text") instanceof String piece)
                            reasoning += piece;
            }
        }

        private void toolCalls(JsonParser parser) {
            List<Chunk.ToolCallPart> parts = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (Json.value(parser) instanceof Map<?, ?> call) parts.add(part(call, parts.size()));
            }
            calls = List.copyOf(parts);
        }

        private static Chunk.ToolCallPart part(Map<?, ?> call, int position) {
            Map<?, ?> function = call.get("function") instanceof Map<?, ?> named ? named : Map.of();
            int index = call.get("index") instanceof Number n ? n.intValue() : position;
            return new Chunk.ToolCallPart(
                    index, string(call.get("id")), string(function.get("name")), string(function.get("arguments")));
        }

        private static String string(@Nullable Object value) {
            return value instanceof String text ? text : "";
        }
    }
}
