package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Usage;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;

/// A whole answer. Source: OpenAI's API reference, "The chat completion object". Stateless.
public final class WholeAnswer {
    private WholeAnswer() {}

    /// What it says of what it took; null where it says nothing.
    public static @Nullable Usage usage(byte[] body) {
        Chunk answer = Chunk.read(body, 0, body.length);
        return answer == null ? null : answer.usage;
    }

    /// The answer as one chunk, for who asked for a stream and got it whole: what the message says becomes
    /// the delta.
    ///
    /// @return null where it is no JSON object
    public static byte @Nullable [] asChunk(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 64);
        try (JsonParser parser = Json.parser(body, 0, body.length);
                JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) return null;
            json.writeStartObject();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                json.writeName(name);
                if (name.equals("object") && "chat.completion".equals(parser.getValueAsString(""))) {
                    json.writeString("chat.completion.chunk");
                } else if (name.equals("choices") && value == JsonToken.START_ARRAY) {
                    choices(parser, json);
                } else {
                    json.copyCurrentStructure(parser);
                }
            }
            json.writeEndObject();
        } catch (JacksonException e) {
            return null;
        }
        return out.toByteArray();
    }

    private static void choices(JsonParser parser, JsonGenerator json) {
        json.writeStartArray();
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            json.writeStartObject();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean message = parser.currentName().equals("message");
                JsonToken value = parser.nextToken();
                json.writeName(message ? "delta" : parser.currentName());
                if (message && value == JsonToken.START_OBJECT) delta(parser, json);
                else json.copyCurrentStructure(parser);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void delta(JsonParser parser, JsonGenerator json) {
        json.writeStartObject();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean calls = parser.currentName().equals("tool_calls");
            json.writeName(parser.currentName());
            if (parser.nextToken() == JsonToken.START_ARRAY && calls) toolCalls(parser, json);
            else json.copyCurrentStructure(parser);
        }
        json.writeEndObject();
    }

    /// In a stream each call has its index.
    private static void toolCalls(JsonParser parser, JsonGenerator json) {
        json.writeStartArray();
        for (int index = 0; parser.nextToken() == JsonToken.START_OBJECT; index++) {
            json.writeStartObject();
            json.writeName("index").writeNumber(index);
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                json.writeName(parser.currentName());
                parser.nextToken();
                json.copyCurrentStructure(parser);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
