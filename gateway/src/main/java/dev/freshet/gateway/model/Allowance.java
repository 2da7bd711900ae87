package dev.freshet.gateway.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a key may ask for. Immutable.
///
/// @param models the names, in which `*` stands for any letters; all where there are none
/// @param rpm requests a minute; null for no limit of its own
/// @param streams how many may run at once; null for the usual limit
public record Allowance(
        List<String> models,
        @Nullable Integer rpm,
        @Nullable Integer streams) {
    public static final Allowance ALL = new Allowance(List.of(), null, null);

    /// The same for fewer models.
    public Allowance of(List<String> fewer) {
        return new Allowance(fewer, rpm, streams);
    }

    /// Whether a model may be asked for.
    public boolean allows(String model) {
        return models.isEmpty() || models.stream().anyMatch(pattern -> matches(pattern, model));
    }

    /// Looks for the parts between the stars one after another, so that no pattern takes long.
    private static boolean matches(String pattern, String name) {
        String[] parts = pattern.split("\\*", -1);
        if (parts.length == 1) return pattern.equals(name);
        if (!name.startsWith(parts[0])) return false;
        int at = parts[0].length();
        for (int i = 1; i < parts.length - 1; i++) {
            int found = name.indexOf(parts[i], at);
            if (found < 0) return false;
            at = found + parts[i].length();
        }
        String last = parts[parts.length - 1];
        return name.length() - at >= last.length() && name.endsWith(last);
    }
}
