package dev.freshet.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an answer took, as the server says. Immutable.
///
/// @param promptTokens of the request
/// @param completionTokens of the answer, reasoning included
/// @param totalTokens of both
/// @param estimated whether a gateway counted them, because the provider did not say
/// @param fields the whole object, for what is not above (`prompt_tokens_details`, …)
public record Usage(
        long promptTokens,
        long completionTokens,
        long totalTokens,
        boolean estimated,
        Map<String, @Nullable Object> fields) {
    /// Copies the fields.
    public Usage {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    static Usage of(Map<String, @Nullable Object> fields) {
        long prompt = number(fields.get("prompt_tokens"));
        long completion = number(fields.get("completion_tokens"));
        long total = fields.containsKey("total_tokens") ? number(fields.get("total_tokens")) : prompt + completion;
        return new Usage(prompt, completion, total, "estimated".equals(fields.get("source")), fields);
    }

    /// Prompt tokens that the provider had in its cache; 0 where it does not say.
    public long cachedTokens() {
        return detail("prompt_tokens_details", "cached_tokens");
    }

    /// Completion tokens that were reasoning; 0 where the provider does not say.
    public long reasoningTokens() {
        return detail("completion_tokens_details", "reasoning_tokens");
    }

    private long detail(String group, String name) {
        return fields.get(group) instanceof Map<?, ?> details ? number(details.get(name)) : 0;
    }

    static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }
}
