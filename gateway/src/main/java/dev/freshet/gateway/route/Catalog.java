package dev.freshet.gateway.route;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Which models each provider says it has. Filled as the answers come; thread-safe.
public final class Catalog {
    private final List<String> providers;
    private final Map<String, List<String>> models = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> complete = new CompletableFuture<>();

    /// @param providers whose answers are awaited, in the order in which a bare name is looked for
    public Catalog(List<String> providers) {
        this.providers = List.copyOf(providers);
        if (providers.isEmpty()) complete.complete(null);
    }

    /// What a provider said; an empty list where it said nothing.
    public void put(String provider, List<String> names) {
        models.put(provider, List.copyOf(names));
        if (models.keySet().containsAll(providers)) complete.complete(null);
    }

    /// Done when every provider has answered, or failed to.
    public CompletableFuture<Void> complete() {
        return complete;
    }

    /// The first provider, in their order, that lists a model.
    public Optional<String> providerOf(String model) {
        return providers.stream()
                .filter(p -> models.getOrDefault(p, List.of()).contains(model))
                .findFirst();
    }

    /// Every model, as `provider/model`, in the providers' order.
    public List<String> all() {
        return providers.stream()
                .flatMap(p -> models.getOrDefault(p, List.of()).stream().map(model -> p + "/" + model))
                .toList();
    }
}
