package dev.freshet.gateway.dialect.openai;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// What a request says to the model, as one text, for counting: messages, and the definitions of tools.
///
/// @param text all texts, one behind another
/// @param messages how many
/// @param pictures how many images there are among their parts
/// @param last the last message's texts
public record PromptText(String text, int messages, int pictures, String last) {
    /// Members whose JSON the model reads as it is.
    private static final Set<String> READ_AS_JSON = Set.of("tools", "functions", "response_format");

    /// Reads a request's body, which was found to be JSON before. Takes time in proportion to its length.
    public static PromptText read(byte[] body) {
        Reader reader = new Reader(body);
        try (JsonParser parser = Json.parser(body, 0, body.length)) {
            reader.read(parser);
        } catch (JacksonException e) {
            // What was read until here counts.
        }
        return new PromptText(
                reader.text.toString(),
                reader.messages,
                reader.pictures,
                reader.text.substring(reader.lastFrom, reader.lastTo));
    }

    private static final class Reader {
        private final byte[] body;
        private final StringBuilder text = new StringBuilder();
        private int messages;
        private int pictures;
        private int lastFrom;
        private int lastTo;

        Reader(byte[] body) {
            this.body = body;
        }

        void read(JsonParser parser) {
            if (parser.nextToken() != JsonToken.START_OBJECT) return;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("messages") && value == JsonToken.START_ARRAY) messages(parser);
                else if (READ_AS_JSON.contains(name) && value.isStructStart()) asItIs(parser);
                else ChatStream.skip(parser, value);
            }
        }

        private void messages(JsonParser parser) {
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                messages++;
                lastFrom = text.length();
                texts(parser);
                lastTo = text.length();
            }
        }

        /// Every text of a message but its role, kinds and ids; a picture instead of its bytes.
        private void texts(JsonParser parser) {
            String name = "";
            for (int depth = 1; depth > 0; ) {
                JsonToken token = parser.nextToken();
                if (token == null) return;
                if (token == JsonToken.PROPERTY_NAME) name = parser.currentName();
                else if (token.isStructStart()) depth = entered(parser, name, depth);
                else if (token.isStructEnd()) depth--;
                else if (token == JsonToken.VALUE_STRING) string(parser, name);
            }
        }

        private int entered(JsonParser parser, String name, int depth) {
            if (!name.equals("image_url") && !name.equals("input_audio") && !name.equals("file")) return depth + 1;
            pictures++;
            parser.skipChildren();
            return depth;
        }

        private void string(JsonParser parser, String name) {
            switch (name) {
                case "role", "type", "id", "tool_call_id" -> {}
                case "image_url" -> pictures++;
                default -> text.append(parser.getString()).append('\n');
            }
        }

        private void asItIs(JsonParser parser) {
            int from = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
            parser.skipChildren();
            int to = Math.toIntExact(parser.currentLocation().getByteOffset());
            text.append(new String(body, from, to - from, StandardCharsets.UTF_8))
                    .append('\n');
        }
    }
}
