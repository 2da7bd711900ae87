package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Usage;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;

/// What an answer took, in OpenAI's shape and with what it lacks: who counted, and how sure that is. Stateless.
public final class Usages {
    private Usages() {}

    public static void write(JsonGenerator json, Usage usage) {
        json.writeStartObject();
        json.writeName("prompt_tokens").writeNumber(usage.prompt());
        json.writeName("completion_tokens").writeNumber(usage.completion());
        json.writeName("total_tokens").writeNumber(usage.total());
        if (usage.cached() > 0) detail(json, "prompt_tokens_details", "cached_tokens", usage.cached());
        if (usage.reasoning() > 0) detail(json, "completion_tokens_details", "reasoning_tokens", usage.reasoning());
        json.writeName("source").writeString(usage.source().name().toLowerCase(Locale.ROOT));
        if (usage.estimated() && usage.spread() > 0) json.writeName("spread").writeNumber(usage.spread() / 1000.0);
        if (usage.atLeast()) json.writeName("at_least").writeBoolean(true);
        json.writeEndObject();
    }

    private static void detail(JsonGenerator json, String details, String name, long count) {
        json.writeName(details).writeStartObject();
        json.writeName(name).writeNumber(count);
        json.writeEndObject();
    }
}
