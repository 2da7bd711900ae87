package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Channel;
import dev.freshet.gateway.model.Usage;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;

/// Chunks of ours that end an answer which its provider did not end. Stateless.
/// Source: OpenAI's API reference, "The chat completion chunk object".
public final class Truncation {
    private Truncation() {}

    /// A chunk with no more than the beginning of its text, and without a finish reason.
    ///
    /// @param characters of its text that stay
    /// @return null where nothing is left, or where it is no chunk of one text
    public static byte @Nullable [] shortened(byte[] chunk, Channel channel, int characters) {
        if (characters <= 0 || channel == Channel.TOOL_ARGUMENTS) return null;
        List<String> names =
                channel == Channel.VISIBLE ? List.of("content", "refusal") : List.of("reasoning", "reasoning_content");
        ByteArrayOutputStream out = new ByteArrayOutputStream(chunk.length);
        int[] texts = {0};
        try (JsonParser parser = Json.parser(chunk, 0, chunk.length);
                JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            String name = "";
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.PROPERTY_NAME) name = parser.currentName();
                if (token == JsonToken.VALUE_STRING && names.contains(name)) {
                    String text = parser.getString();
                    texts[0] += text.isEmpty() ? 0 : 1;
                    json.writeString(text.substring(0, Math.min(characters, text.length())));
                } else if (token == JsonToken.VALUE_STRING && name.equals("finish_reason")) {
                    json.writeNull();
                } else {
                    json.copyCurrentEvent(parser);
                }
            }
        } catch (JacksonException e) {
            return null;
        }
        return texts[0] == 1 ? out.toByteArray() : null;
    }

    /// The chunk that ends choices, in the name of an answer.
    ///
    /// @param answer some of its chunks, by which it is known
    public static byte[] finish(AnswerSoFar answer, List<Integer> choices, String reason) {
        return chunk(answer, json -> {
            json.writeName("choices").writeStartArray();
            for (int index : choices) {
                json.writeStartObject();
                json.writeName("index").writeNumber(index);
                json.writeName("delta").writeStartObject().writeEndObject();
                json.writeName("logprobs").writeNull();
                json.writeName("finish_reason").writeString(reason);
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /// The chunk that says what an answer took.
    ///
    /// @param usage null where that is not known
    /// @param notes told where to write what guards did, as the value of `guard`
    public static byte[] usage(AnswerSoFar answer, @Nullable Usage usage, Consumer<JsonGenerator> notes) {
        return chunk(answer, json -> {
            json.writeName("choices").writeStartArray().writeEndArray();
            json.writeName("usage");
            if (usage == null) json.writeNull();
            else Usages.write(json, usage);
            json.writeName("freshet").writeStartObject().writeName("guard");
            notes.accept(json);
            json.writeEndObject();
        });
    }

    private static byte[] chunk(AnswerSoFar answer, Consumer<JsonGenerator> rest) {
        AnswerSoFar.Identity same = answer.identity();
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeName("id").writeString(same.id());
            json.writeName("object").writeString("chat.completion.chunk");
            json.writeName("created").writeNumber(same.created());
            json.writeName("model").writeString(same.model());
            rest.accept(json);
            json.writeEndObject();
        }
        return out.toByteArray();
    }
}
