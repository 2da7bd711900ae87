package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.Judge;
import dev.freshet.gateway.guard.Watch;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.route.ModelRouter.Resolution;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Which guards watch the answer to a request: the model's, those that the request names, and its own. None
/// takes another's place, so a request can only be watched more closely. Owned by the exchange's loop.
final class GuardsOf {
    private final Exchanges context;
    private final Exchanges.Settings settings;
    private final Model model;
    private final ChatRequest request;
    private final @Nullable String named;

    /// @param named what `Freshet-Guard` says; null for nothing
    GuardsOf(Exchanges context, Exchanges.Settings settings, Model model, ChatRequest request, @Nullable String named) {
        this.context = context;
        this.settings = settings;
        this.model = model;
        this.request = request;
        this.named = named;
    }

    /// @param told during this call where nothing must be read first; else a little later, on the loop
    void find(Toll toll, BiConsumer<List<Guard>, @Nullable Failure> told) {
        Map<String, Guard> known = settings.guards().byName();
        Set<String> names = new LinkedHashSet<>(model.guards());
        if (named != null) for (String name : named.split(",", -1)) names.add(name.strip());
        List<Guard> guards = new ArrayList<>();
        for (String name : names) {
            Guard guard = known.get(name);
            if (guard == null) {
                told.accept(List.of(), Failures.unknownGuard(name, new TreeSet<>(known.keySet())));
                return;
            }
            Guard rest = context.rules().allowed(guard, model.name());
            if (rest != null) guards.add(rest);
        }
        byte[] own = request.freshet();
        if (own == null) ready(guards, told);
        else
            context.ownGuards().read(own, context.loop(), (guard, problem) -> {
                Failure refusal = problem == null && guard != null ? beyond(guard, toll) : problem;
                if (refusal != null) {
                    told.accept(List.of(), refusal);
                    return;
                }
                if (guard != null) guards.add(guard);
                ready(guards, told);
            });
    }

    /// A request's own guard asks only models that its key may ask.
    private @Nullable Failure beyond(Guard own, Toll toll) {
        Guard.Cure cure = own.then().retry();
        if (cure != null && cure.model() != null) {
            Failure refusal = beyond(cure.model(), "freshet.guard.then.retry.model", toll);
            if (refusal != null) return refusal;
        }
        for (Judge judge : own.judges()) {
            Failure refusal = beyond(judge.model(), "freshet.guard.add", toll);
            if (refusal != null) return refusal;
        }
        return null;
    }

    private @Nullable Failure beyond(String asked, String param, Toll toll) {
        if (!toll.allows(asked)) return Failures.guardsModel(asked, param);
        return settings.models().resolve(asked) instanceof Resolution.Unknown(Failure failure)
                ? failure.withParam(param)
                : null;
    }

    private void ready(List<Guard> guards, BiConsumer<List<Guard>, @Nullable Failure> told) {
        if (Watch.needsTokens(guards)) context.counter().whenWarm(context.loop(), () -> told.accept(guards, null));
        else told.accept(guards, null);
    }

    /// Those of a model that there still are.
    static List<Guard> configured(Exchanges.Settings settings, Model model) {
        Map<String, Guard> known = settings.guards().byName();
        return model.guards().stream().map(known::get).filter(Objects::nonNull).toList();
    }

    /// What the exchange may cost: more than one attempt, where one may be followed by another.
    static Most.Wish wish(Exchanges.Settings settings, Model model, ChatRequest request, List<Guard> guards) {
        List<Model> models = new ArrayList<>(List.of(model));
        boolean again = model.continues();
        for (Guard guard : guards) {
            Guard.Cure cure = guard.then().retry();
            if (cure == null) continue;
            again = true;
            if (cure.model() == null) continue;
            if (settings.models().resolve(cure.model()) instanceof Resolution.Found(Model other)) models.add(other);
        }
        List<Model> judges = new ArrayList<>();
        for (Guard guard : guards)
            for (Judge judge : guard.judges())
                if (settings.models().resolve(judge.model()) instanceof Resolution.Found(Model found))
                    judges.add(found);
        return new Most.Wish(
                request,
                models,
                judges,
                again ? settings.guards().spendFactor() : 1,
                again ? settings.guards().attempts() : 1);
    }
}
