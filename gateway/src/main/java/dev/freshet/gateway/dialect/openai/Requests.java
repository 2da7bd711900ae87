package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.dialect.openai.ChatRequest.Member;
import dev.freshet.gateway.model.Failure;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.io.JsonStringEncoder;

/// Reads chat requests: one pass over the bytes, without building a tree. Not thread-safe; one for each body.
public final class Requests {
    private final byte[] body;
    private final Map<String, Member> members = new LinkedHashMap<>();
    private @Nullable String model;
    private boolean stream;
    private boolean usageAsked;
    private @Nullable Failure failure;

    private Requests(byte[] body) {
        this.body = body;
    }

    /// What became of a body.
    public sealed interface Parsed {
        record Good(ChatRequest request) implements Parsed {}

        record Bad(Failure failure) implements Parsed {}
    }

    /// Reads a body. The array must not change afterwards. Takes time in proportion to its length.
    public static Parsed parse(byte[] body) {
        if (body.length == 0) return bad("The body is empty; send a JSON object with `model` and `messages`.", null);
        if (body.length > 1 && (body[0] == 0 || body[1] == 0))
            return bad("The body is not UTF-8; send JSON in UTF-8.", null);
        try (JsonParser parser = Json.parser(body, 0, body.length)) {
            return new Requests(body).read(parser);
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            String place = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            return bad("The body is not JSON" + place + "; check for missing quotes, commas and brackets.", null);
        }
    }

    /// A request of our own for a very short answer, streamed.
    public static ChatRequest shortest(String model) {
        String body = "{\"model\":" + quoted(model)
                + ",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Reply with: ok\"}]}";
        return switch (parse(body.getBytes(StandardCharsets.UTF_8))) {
            case Parsed.Good(var request) -> request;
            case Parsed.Bad(var failure) -> throw new IllegalArgumentException(failure.message());
        };
    }

    private Parsed read(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return bad("The body is not a JSON object; send one with `model` and `messages`.", null);
        }
        while (failure == null && parser.nextToken() == JsonToken.PROPERTY_NAME) member(parser);
        if (failure == null && parser.nextToken() != null)
            fail("Something follows the JSON object; send one object only.", null);
        if (failure == null && model == null) fail("`model` is missing; name one of GET /v1/models.", "model");
        if (failure != null) return new Parsed.Bad(failure);
        return new Parsed.Good(new ChatRequest(body, members, String.valueOf(model), stream, usageAsked));
    }

    private void member(JsonParser parser) {
        String name = parser.currentName();
        JsonToken token = parser.nextToken();
        int from = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
        switch (name) {
            case "model" -> model = model(parser, token);
            case "stream" -> stream = stream(token);
            case "stream_options" -> usageAsked = usageAsked(parser, token);
            case "freshet" -> {
                if (token != JsonToken.START_OBJECT)
                    fail("`freshet` must be an object: {\"guard\": {\"add\": [rules]}}; or leave it out.", "freshet");
            }
            default -> {}
        }
        parser.skipChildren();
        parser.finishToken();
        int to = Math.toIntExact(parser.currentLocation().getByteOffset());
        if (members.put(name, new Member(from, to)) != null) {
            fail("The member `" + shortened(name) + "` stands in the body twice; send it once.", shortened(name));
        }
    }

    private @Nullable String model(JsonParser parser, JsonToken token) {
        String value = token == JsonToken.VALUE_STRING ? parser.getString() : "";
        if (value.isBlank()) fail("`model` must be a model's name; name one of GET /v1/models.", "model");
        return value;
    }

    private static boolean usageAsked(JsonParser parser, JsonToken token) {
        if (token != JsonToken.START_OBJECT) return false;
        boolean asked = false;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean usage = parser.currentName().equals(ChatRequest.INCLUDE_USAGE);
            JsonToken value = parser.nextToken();
            if (usage) asked = value == JsonToken.VALUE_TRUE;
            parser.skipChildren();
        }
        return asked;
    }

    private boolean stream(JsonToken token) {
        boolean known =
                token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE || token == JsonToken.VALUE_NULL;
        if (!known) fail("`stream` must be true or false.", "stream");
        return token == JsonToken.VALUE_TRUE;
    }

    private void fail(String message, @Nullable String param) {
        if (failure == null) failure = Failure.invalid(message, param);
    }

    private static Parsed bad(String message, @Nullable String param) {
        return new Parsed.Bad(Failure.invalid(message, param));
    }

    private static String shortened(String name) {
        return name.length() <= 64 ? name : name.substring(0, 64) + "…";
    }

    /// A text as a JSON string.
    static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
    }
}
