package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.UpstreamError;
import dev.freshet.gateway.model.Usage;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;

/// Errors in OpenAI's shape: read from providers, written to clients.
/// Source: OpenAI's API reference, "Errors".
public final class Errors {
    private static final int MAX_TEXT = 2_000;

    private Errors() {}

    /// The body that a client gets with the failure's status: `{"error": {"message", "type", "param",
    /// "code"}}`.
    public static byte[] body(Failure failure) {
        return write(failure, false, null);
    }

    /// The data of the event that ends a stream: the same, with the status that it would have had and whether
    /// trying again makes sense.
    ///
    /// @param usage what came before took; null where nothing is charged
    public static byte[] event(Failure failure, @Nullable Usage usage) {
        return write(failure, true, usage);
    }

    private static byte[] write(Failure failure, boolean inStream, @Nullable Usage usage) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeName("error");
            write(json, failure, inStream, usage);
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    /// Writes the error's own object, as it stands in a stream's error and in its state.
    public static void write(JsonGenerator json, Failure failure, @Nullable Usage usage) {
        write(json, failure, true, usage);
    }

    private static void write(JsonGenerator json, Failure failure, boolean inStream, @Nullable Usage usage) {
        json.writeStartObject();
        json.writeName("message").writeString(failure.message());
        json.writeName("type").writeString(type(failure));
        text(json, "param", failure.param());
        json.writeName("code").writeString(failure.code().wireName());
        if (inStream) streamMembers(json, failure);
        if (inStream && usage != null) {
            json.writeName("usage");
            Usages.write(json, usage);
        }
        if (failure.upstream() != null) upstream(json, failure.upstream());
        json.writeEndObject();
    }

    private static String type(Failure failure) {
        UpstreamError upstream = failure.upstream();
        return upstream != null && upstream.type() != null
                ? upstream.type()
                : failure.code().type();
    }

    private static void streamMembers(JsonGenerator json, Failure failure) {
        json.writeName("status").writeNumber(failure.status());
        json.writeName("retryable").writeBoolean(failure.retryable());
        Duration wait = failure.retryAfter();
        json.writeName("retry_after");
        if (wait == null) json.writeNull();
        else json.writeNumber(wait.toMillis() / 1000.0);
    }

    private static void upstream(JsonGenerator json, UpstreamError error) {
        json.writeName("upstream").writeStartObject();
        json.writeName("status").writeNumber(error.status());
        text(json, "code", error.code());
        text(json, "type", error.type());
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, @Nullable String value) {
        json.writeName(name);
        if (value == null) json.writeNull();
        else json.writeString(value);
    }

    /// Reads a provider's error: `{"error": {…}}`, `{"error": "text"}`, `{"object": "error", "message": …}`, or
    /// anything else, which gives an error without words.
    ///
    /// @param status the provider's HTTP status
    public static UpstreamError read(int status, byte[] array, int offset, int length) {
        ErrorFields fields = new ErrorFields();
        try (JsonParser parser = Json.parser(array, offset, length)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) fields.read(parser);
        } catch (JacksonException e) {
            // What is not JSON says nothing that clients may see.
        }
        return new UpstreamError(status, fields.code, fields.type, fields.param, fields.message);
    }

    private static final class ErrorFields {
        @Nullable
        String code;

        @Nullable
        String type;

        @Nullable
        String param;

        @Nullable
        String message;

        void read(JsonParser parser) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("error") && value == JsonToken.START_OBJECT) {
                    read(parser);
                } else if (value != null && value.isScalarValue()) {
                    take(name, value, parser);
                } else {
                    parser.skipChildren();
                }
            }
        }

        private void take(String name, JsonToken token, JsonParser parser) {
            if (token == JsonToken.VALUE_NULL) return;
            String value = parser.getValueAsString("");
            String bounded = value.length() <= MAX_TEXT ? value : value.substring(0, MAX_TEXT) + "…";
            switch (name) {
                case "code" -> code = bounded;
                case "type" -> type = bounded;
                case "param" -> param = bounded;
                case "message" -> message = bounded;
                case "error" -> message = message == null ? bounded : message;
                default -> {}
            }
        }
    }
}
