package dev.freshet.gateway.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One way to serve a model: a provider, the name that it knows the model by, and what its request must look
/// like.
///
/// @param model the provider's name for the model; null where the client's own name goes on as it is
/// @param set top-level members to set, each with its value as JSON text
/// @param drop top-level members to leave out
/// @param rename top-level members to call by another name
/// @param weight how often it is asked first, by the others' weights; 0 where it has none
public record Target(
        Provider provider,
        @Nullable String model,
        Map<String, String> set,
        List<String> drop,
        Map<String, String> rename,
        double weight) {

    /// A target that changes nothing but, perhaps, the model's name.
    public static Target of(Provider provider, @Nullable String model) {
        return new Target(provider, model, Map.of(), List.of(), Map.of(), 0);
    }

    public boolean changesMembers() {
        return !set.isEmpty() || !drop.isEmpty() || !rename.isEmpty();
    }
}
