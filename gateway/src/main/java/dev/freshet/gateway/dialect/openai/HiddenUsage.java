package dev.freshet.gateway.dialect.openai;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;

/// Takes what an answer takes out of a chunk, for a client that did not ask for it. Stateless.
public final class HiddenUsage {
    private HiddenUsage() {}

    /// A chunk without its `usage`, wherever it stands; the same bytes where it is no JSON.
    public static byte[] without(byte[] array, int offset, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(length);
        try (JsonParser parser = Json.parser(array, offset, length);
                JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            parser.nextToken();
            object(parser, json, true);
        } catch (JacksonException e) {
            return Arrays.copyOfRange(array, offset, offset + length);
        }
        return out.toByteArray();
    }

    /// @param chunk whether it is the chunk itself, else a part of it
    private static void object(JsonParser parser, JsonGenerator json, boolean chunk) {
        json.writeStartObject();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("usage")) {
                parser.skipChildren();
                continue;
            }
            json.writeName(name);
            if (chunk && name.equals("choices") && value == JsonToken.START_ARRAY) choices(parser, json);
            else if (chunk && name.equals("x_groq") && value == JsonToken.START_OBJECT) object(parser, json, false);
            else json.copyCurrentStructure(parser);
        }
        json.writeEndObject();
    }

    private static void choices(JsonParser parser, JsonGenerator json) {
        json.writeStartArray();
        while (parser.nextToken() == JsonToken.START_OBJECT) object(parser, json, false);
        json.writeEndArray();
    }
}
