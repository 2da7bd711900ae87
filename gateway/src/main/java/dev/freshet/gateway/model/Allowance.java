package dev.freshet.gateway.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a key, or all keys of an owner, may ask for. Immutable.
///
/// @param models the names, in which `*` stands for any letters; all where there are none
/// @param rpm requests a minute; null for no limit of its own
/// @param tpm tokens a minute, of prompts and answers; null for no limit
/// @param streams how many may run at once; null for the usual limit
/// @param budget what may be spent; null for no limit
public record Allowance(
        List<String> models,
        @Nullable Integer rpm,
        @Nullable Integer tpm,
        @Nullable Integer streams,
        @Nullable Budget budget) {
    public static final Allowance ALL = new Allowance(List.of(), null, null, null, null);

    /// The same for fewer models.
    public Allowance of(List<String> fewer) {
        return new Allowance(fewer, rpm, tpm, streams, budget);
    }

    /// Whether a model may be asked for.
    public boolean allows(String model) {
        return models.isEmpty() || models.stream().anyMatch(pattern -> Names.match(pattern, model));
    }
}
