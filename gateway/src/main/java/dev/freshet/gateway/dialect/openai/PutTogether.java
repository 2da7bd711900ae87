package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Usage;
import java.io.StringWriter;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A whole answer, put together from the chunks of a streamed one. Not thread-safe.
/// Source: OpenAI's API reference, "The chat completion object".
public final class PutTogether {
    private static final JsonMapper JSON = JsonMapper.shared();
    /// Members of a delta whose pieces are put behind one another.
    private static final Set<String> PIECES =
            Set.of("content", "refusal", "reasoning", "reasoning_content", "arguments", "data", "transcript");

    private final ObjectNode answer = JSON.createObjectNode();
    private final Map<Integer, ObjectNode> choices = new TreeMap<>();

    /// Takes the next chunk; what is no JSON says nothing.
    public void add(byte[] chunk) {
        try {
            if (JSON.readTree(chunk) instanceof ObjectNode object) add(object);
        } catch (JacksonException e) {
            // As everywhere: what cannot be read is no part of the answer.
        }
    }

    private void add(ObjectNode chunk) {
        chunk.properties().forEach(member -> {
            if (member.getKey().equals("choices")) member.getValue().forEach(this::choice);
            else if (!member.getValue().isNull()) answer.set(member.getKey(), member.getValue());
        });
    }

    private void choice(JsonNode piece) {
        ObjectNode choice = choices.computeIfAbsent(
                piece.path("index").asInt(0), index -> JSON.createObjectNode().put("index", index));
        ((ObjectNode) piece).properties().forEach(member -> {
            JsonNode value = member.getValue();
            if (member.getKey().equals("delta")) merge(choice.withObject("/message"), value);
            else if (member.getKey().equals("logprobs") && value.isObject())
                merge(choice.withObject("/logprobs"), value);
            else if (!value.isNull()) choice.set(member.getKey(), value);
        });
    }

    private static void merge(ObjectNode into, JsonNode piece) {
        if (!(piece instanceof ObjectNode object)) return;
        object.properties().forEach(member -> {
            String name = member.getKey();
            JsonNode value = member.getValue();
            JsonNode there = into.get(name);
            if (value.isNull()) return;
            if (value.isString() && PIECES.contains(name) && there != null)
                into.put(name, there.asString("") + value.asString());
            else if (value instanceof ObjectNode && there instanceof ObjectNode inner) merge(inner, value);
            else if (value instanceof ArrayNode list) list(into.withArray("/" + name), list);
            else into.set(name, value);
        });
    }

    /// Items with an index go on with the one that has it; others are new.
    private static void list(ArrayNode into, ArrayNode pieces) {
        for (JsonNode piece : pieces) {
            ObjectNode same = null;
            for (JsonNode one : into) {
                boolean indexed = piece.has("index") && one.path("index").equals(piece.path("index"));
                if (indexed && one instanceof ObjectNode object) same = object;
            }
            if (same != null) merge(same, piece);
            else into.add(piece.deepCopy());
        }
    }

    /// The answer.
    ///
    /// @param usage where the answer does not say that itself, or where guards did something; null where
    /// nobody knows
    /// @param notes told where to write what guards did, as the value of `guard`; null where they did nothing
    public byte[] json(@Nullable Usage usage, @Nullable Consumer<JsonGenerator> notes) {
        ObjectNode whole = answer.deepCopy();
        whole.put("object", "chat.completion");
        ArrayNode all = whole.putArray("choices");
        for (ObjectNode choice : choices.values()) all.add(finished(choice.deepCopy()));
        if (usage != null && (notes != null || !answer.has("usage"))) {
            whole.set("usage", JSON.readTree(written(json -> Usages.write(json, usage))));
        }
        if (notes != null) whole.putObject("freshet").set("guard", JSON.readTree(written(notes)));
        return JSON.writeValueAsBytes(whole);
    }

    private static String written(Consumer<JsonGenerator> writer) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            writer.accept(json);
        }
        return out.toString();
    }

    private static ObjectNode finished(ObjectNode choice) {
        ObjectNode message = choice.withObject("/message");
        if (!message.has("role")) message.put("role", "assistant");
        if (!message.has("content")) message.putNull("content");
        message.path("tool_calls").forEach(call -> ((ObjectNode) call).remove("index"));
        if (!choice.has("finish_reason")) choice.putNull("finish_reason");
        return choice;
    }
}
