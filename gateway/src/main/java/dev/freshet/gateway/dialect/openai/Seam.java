package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Usage;
import dev.freshet.sse.EventView;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;

/// Joins a continuation to the answer that it goes on with, so that no delivered byte is repeated or lost.
///
/// A prefix that the provider repeats is cut, by exact match: text that might be the beginning of one is
/// held until that is decided. White space that had been delivered, but was left out of the request, is not
/// repeated. Chunks get the first ones' `id`, `created` and `model`; their role is left out. Not
/// thread-safe.
public final class Seam {
    private enum Phase {
        ECHO,
        SPACE,
        FLOW
    }

    private final AnswerSoFar.Identity identity;
    private final String prefix;
    private final UnaryOperator<Usage> sum;
    private String space;
    private String held = "";
    private Phase phase = Phase.ECHO;

    /// @param before what was delivered
    /// @param sum from the continuation's usage to that of the whole answer
    public Seam(AnswerSoFar before, UnaryOperator<Usage> sum) {
        identity = before.identity();
        prefix = before.prefill();
        space = before.text().substring(prefix.length());
        this.sum = sum;
    }

    /// What an event of the continuation becomes: none, one, or two events' data.
    public List<byte[]> take(EventView event) {
        byte[] array = event.array();
        Chunk chunk = Chunk.read(array, event.offset(), event.length());
        if (chunk == null) return List.of();
        List<byte[]> out = new ArrayList<>(1);
        String text = chunk.text.toString();
        boolean last = chunk.finished || chunk.usage != null;
        String cut = text.isEmpty() ? "" : cut(text);
        if (last && !held.isEmpty()) out.add(text(rest()));
        boolean said = !cut.isEmpty() || chunk.reasoning || chunk.other;
        if (said || last) out.add(rewritten(array, event.offset(), event.length(), cut, chunk.usage));
        return out;
    }

    /// The data of what was held when the continuation ended; null where nothing was.
    public byte @Nullable [] end() {
        return held.isEmpty() ? null : text(rest());
    }

    private String rest() {
        String rest = held;
        held = "";
        phase = Phase.SPACE;
        return unspaced(rest);
    }

    private String cut(String text) {
        return switch (phase) {
            case FLOW -> text;
            case SPACE -> unspaced(text);
            case ECHO -> echoed(held + text);
        };
    }

    private String echoed(String candidate) {
        held = "";
        if (candidate.startsWith(prefix)) {
            phase = Phase.SPACE;
            return unspaced(candidate.substring(prefix.length()));
        }
        if (prefix.startsWith(candidate)) {
            held = candidate;
            return "";
        }
        phase = Phase.SPACE;
        return unspaced(candidate);
    }

    private String unspaced(String text) {
        int same = 0;
        while (same < text.length() && same < space.length() && text.charAt(same) == space.charAt(same)) same++;
        space = space.substring(same);
        if (same < text.length() || space.isEmpty()) phase = Phase.FLOW;
        return text.substring(same);
    }

    /// A chunk of nothing but text.
    private byte[] text(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(128 + text.length());
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            if (identity.id() != null) json.writeName("id").writeString(identity.id());
            json.writeName("object").writeString("chat.completion.chunk");
            if (identity.created() != 0) json.writeName("created").writeNumber(identity.created());
            if (identity.model() != null) json.writeName("model").writeString(identity.model());
            json.writeName("choices").writeStartArray().writeStartObject();
            json.writeName("index").writeNumber(0);
            json.writeName("delta").writeStartObject();
            json.writeName("content").writeString(text);
            json.writeEndObject();
            json.writeName("finish_reason").writeNull();
            json.writeEndObject().writeEndArray();
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private byte[] rewritten(byte[] array, int offset, int length, String text, @Nullable Usage usage) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 64);
        try (JsonParser parser = Json.parser(array, offset, length);
                JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            parser.nextToken();
            json.writeStartObject();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                json.writeName(name);
                member(name, parser, json, text, usage);
            }
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private void member(String name, JsonParser parser, JsonGenerator json, String text, @Nullable Usage usage) {
        boolean known = switch (name) {
            case "id" -> identity.id() != null;
            case "created" -> identity.created() != 0;
            case "model" -> identity.model() != null;
            default -> false;
        };
        if (known) {
            ChatStream.skip(parser, parser.currentToken());
            switch (name) {
                case "id" -> json.writeString(identity.id());
                case "created" -> json.writeNumber(identity.created());
                default -> json.writeString(identity.model());
            }
        } else if (name.equals("choices") && parser.currentToken() == JsonToken.START_ARRAY) {
            choices(parser, json, text);
        } else if (name.equals("usage") && usage != null) {
            usage(parser, json, sum.apply(usage));
        } else {
            json.copyCurrentStructure(parser);
        }
    }

    /// The counts are those of the whole answer; what else is said of them is about the continuation.
    private static void usage(JsonParser parser, JsonGenerator json, Usage all) {
        json.writeStartObject();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            json.writeName(name);
            switch (name) {
                case "prompt_tokens" -> json.writeNumber(all.prompt());
                case "completion_tokens" -> json.writeNumber(all.completion());
                case "total_tokens" -> json.writeNumber(all.total());
                default -> json.copyCurrentStructure(parser);
            }
        }
        json.writeEndObject();
    }

    private static void choices(JsonParser parser, JsonGenerator json, String text) {
        json.writeStartArray();
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            json.writeStartObject();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                json.writeName(name);
                if (name.equals("delta") && value == JsonToken.START_OBJECT) delta(parser, json, text);
                else json.copyCurrentStructure(parser);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void delta(JsonParser parser, JsonGenerator json, String text) {
        json.writeStartObject();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("role")) {
                ChatStream.skip(parser, value);
            } else if (name.equals("content") && value == JsonToken.VALUE_STRING) {
                json.writeName(name).writeString(text);
            } else {
                json.writeName(name);
                json.copyCurrentStructure(parser);
            }
        }
        json.writeEndObject();
    }
}
