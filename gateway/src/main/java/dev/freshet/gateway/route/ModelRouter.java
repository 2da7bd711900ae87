package dev.freshet.gateway.route;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Retry;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Timeouts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// From a model's name to who serves it. Immutable, but for the catalog that fills.
///
/// The order: a configured name; a simulated model; then, where no models are configured, `provider/model` and
/// a bare name that a provider lists; then `*`; then, where there is no provider at all, the demo model under
/// any name.
public final class ModelRouter {
    private static final Duration DEMO_IDLE = Duration.ofSeconds(4);

    private final Map<String, Model> models;
    private final Map<String, Provider> providers;
    private final Catalog catalog;
    private final @Nullable Simulated simulated;

    /// The simulated provider.
    ///
    /// @param has whether a name is one of its models
    /// @param answersAll whether it answers under every name that nobody else has
    public record Simulated(Provider provider, Predicate<String> has, List<String> names, boolean answersAll) {}

    /// What a name stands for.
    public sealed interface Resolution {
        record Found(Model model) implements Resolution {}

        record Unknown(Failure failure) implements Resolution {}
    }

    /// @param models configured ones, by name
    /// @param providers by name
    /// @param catalog what the providers list; looked at only where no models are configured
    /// @param simulated null where there is no simulated provider
    public ModelRouter(
            Map<String, Model> models,
            Map<String, Provider> providers,
            Catalog catalog,
            @Nullable Simulated simulated) {
        this.models = Map.copyOf(models);
        this.providers = Map.copyOf(providers);
        this.catalog = catalog;
        this.simulated = simulated;
    }

    public Resolution resolve(String name) {
        return configured(name)
                .or(() -> simulated(name))
                .or(() -> models.isEmpty() ? implied(name) : Optional.empty())
                .or(() -> Optional.ofNullable(models.get(Model.ANY)))
                .or(() -> anyName())
                .<Resolution>map(Resolution.Found::new)
                .orElseGet(() -> new Resolution.Unknown(unknown(name)));
    }

    /// Whether resolving a name may have to wait for what providers list.
    public boolean waitsFor(String name) {
        boolean known = configured(name).isPresent()
                || simulated(name).isPresent()
                || prefixed(name).isPresent();
        return !known && models.isEmpty() && !catalog.complete().isDone();
    }

    public Catalog catalog() {
        return catalog;
    }

    /// The names that clients can use, `*` left out.
    public List<String> names() {
        List<String> names = new ArrayList<>(models.keySet().stream()
                .filter(n -> !n.equals(Model.ANY))
                .sorted()
                .toList());
        if (models.isEmpty()) names.addAll(catalog.all());
        if (simulated != null) names.addAll(simulated.names());
        return names.stream().distinct().toList();
    }

    /// What a model reads besides text, as [Model#takes] has it; nothing is awaited for it.
    public List<String> takes(String name) {
        return configured(name).or(() -> simulated(name)).map(Model::takes).orElse(List.of());
    }

    private Optional<Model> configured(String name) {
        return name.equals(Model.ANY) ? Optional.empty() : Optional.ofNullable(models.get(name));
    }

    private Optional<Model> simulated(String name) {
        if (simulated == null || !simulated.has().test(name)) return Optional.empty();
        boolean demo = simulated.names().contains(name);
        return Optional.of(demo ? demo(simulated) : one("simulated", simulated.provider(), null));
    }

    private Optional<Model> implied(String name) {
        return prefixed(name).or(() -> catalog.providerOf(name).map(p -> one(p, provider(p), name)));
    }

    private Optional<Model> prefixed(String name) {
        int slash = name.indexOf('/');
        if (slash < 1 || slash == name.length() - 1 || !providers.containsKey(name.substring(0, slash)))
            return Optional.empty();
        String provider = name.substring(0, slash);
        return Optional.of(one(provider, provider(provider), name.substring(slash + 1)));
    }

    private Provider provider(String name) {
        Provider provider = providers.get(name);
        if (provider == null) throw new IllegalArgumentException("no provider " + name);
        return provider;
    }

    private Optional<Model> anyName() {
        return simulated == null || !simulated.answersAll() ? Optional.empty() : Optional.of(demo(simulated));
    }

    /// The demo model shows what a gateway can do about a provider that breaks, within the time that somebody watches.
    private static Model demo(Simulated simulated) {
        Timeouts usual = Timeouts.DEFAULT;
        Timeouts timeouts = new Timeouts(usual.connect(), usual.firstToken(), DEMO_IDLE, usual.total());
        List<Target> targets = List.of(Target.of(simulated.provider(), null));
        return new Model("simulated", targets, timeouts, Retry.DEFAULT, true, List.of(), List.of("image"));
    }

    /// @param label what metrics call it: a configured name, because clients choose the others
    private static Model one(String label, Provider provider, @Nullable String model) {
        return new Model(label, List.of(Target.of(provider, model)), Timeouts.DEFAULT);
    }

    private static Failure unknown(String name) {
        String shown = name.length() <= 100 ? name : name.substring(0, 100) + "…";
        return Failure.of(
                        FailureCode.UNKNOWN_MODEL,
                        "There is no model `" + shown + "` here; GET /v1/models lists the ones that there are.")
                .withParam("model");
    }
}
