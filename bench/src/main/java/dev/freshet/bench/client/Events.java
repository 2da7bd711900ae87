package dev.freshet.bench.client;

import java.util.function.Consumer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// What a careful user of an event stream library writes for each answer: the text of its chunks, by a
/// streaming parser, and the evidence of its end. Used by one thread.
final class Events {
    private static final JsonFactory JSON = new JsonFactory();

    private final Consumer<String> text;
    private boolean finished;

    Events(Consumer<String> text) {
        this.text = text;
    }

    /// Whether the answer may end here.
    boolean finished() {
        return finished;
    }

    /// Takes an event's data.
    ///
    /// @return whether it was the last
    boolean take(String data) {
        if (data.equals("[DONE]")) return true;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), data)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals("error") && parser.currentToken() != JsonToken.VALUE_NULL)
                    throw new IllegalStateException("the server says that it failed: " + data);
                if (name.equals("choices")) choices(parser);
                else parser.skipChildren();
            }
        }
        return false;
    }

    private void choices(JsonParser parser) {
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("finish_reason") && value == JsonToken.VALUE_STRING) finished = true;
                if (name.equals("delta") && value == JsonToken.START_OBJECT) delta(parser);
                else parser.skipChildren();
            }
        }
    }

    private void delta(JsonParser parser) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean content = parser.currentName().equals("content");
            if (parser.nextToken() == JsonToken.VALUE_STRING && content) {
                String piece = parser.getString();
                if (!piece.isEmpty()) text.accept(piece);
            } else {
                parser.skipChildren();
            }
        }
    }

    static String body(String model) {
        return "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"count\"}]}";
    }
}
