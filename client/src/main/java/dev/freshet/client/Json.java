package dev.freshet.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;

/// JSON as plain values: maps in the order of the text, lists, strings, numbers, booleans and null. Stateless.
final class Json {
    /// Errors do not repeat the text: it may be anything, and they may be logged.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private Json() {}

    static JsonParser parser(byte[] bytes, int offset, int length) {
        return JSON.createParser(ObjectReadContext.empty(), bytes, offset, length);
    }

    /// The object that a text is; null where it is something else, or no JSON.
    static @Nullable Map<String, @Nullable Object> object(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (JsonParser parser = parser(bytes, 0, bytes.length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) return null;
            return object(parser);
        } catch (StreamReadException e) {
            return null;
        }
    }

    /// The value that begins at the parser's token; afterwards the token is its last.
    static @Nullable Object value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> {
                List<@Nullable Object> values = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) values.add(value(parser));
                yield values;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> parser.getNumberValue();
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    static Map<String, @Nullable Object> object(JsonParser parser) {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
        }
        return members;
    }

    /// A text of the parser's token; empty where it is null or no text.
    static String text(JsonParser parser) {
        if (parser.currentToken() == JsonToken.VALUE_STRING) return parser.getString();
        parser.skipChildren();
        return "";
    }

    static byte[] bytes(Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try (JsonGenerator to = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            write(to, value);
        }
        return out.toByteArray();
    }

    static String string(Object value) {
        return new String(bytes(value), StandardCharsets.UTF_8);
    }

    private static void write(JsonGenerator to, @Nullable Object value) {
        if (value == null) to.writeNull();
        else if (value instanceof Map<?, ?> members) members(to, members);
        else if (value instanceof Collection<?> values) {
            to.writeStartArray();
            values.forEach(one -> write(to, one));
            to.writeEndArray();
        } else if (value instanceof Message message) members(to, message.fields());
        else if (value instanceof CharSequence || value instanceof Enum<?>) to.writeString(value.toString());
        else if (value instanceof Boolean yes) to.writeBoolean(yes);
        else if (value instanceof Number number) to.writeNumber(number(number));
        else
            throw new IllegalArgumentException(
                    value.getClass().getName() + " is no JSON; give maps, collections, strings, numbers or booleans");
    }

    private static void members(JsonGenerator to, Map<?, ?> members) {
        to.writeStartObject();
        members.forEach((name, one) -> {
            to.writeName(String.valueOf(name));
            write(to, one);
        });
        to.writeEndObject();
    }

    private static String number(Number number) {
        double value = number.doubleValue();
        if (Double.isNaN(value) || (number instanceof Double && Double.isInfinite(value)))
            throw new IllegalArgumentException(number + " is no number of JSON");
        return number.toString();
    }
}
