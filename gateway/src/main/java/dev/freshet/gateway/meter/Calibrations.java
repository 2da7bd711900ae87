package dev.freshet.gateway.meter;

import dev.freshet.gateway.model.Usage;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// How our counts compare with those of each model, for prompts and for answers. Thread-safe.
final class Calibrations {
    /// Every stream of a model is compared until so many were, then one of some.
    private static final long ALL = 100;
    private static final long ONE_OF = 16;
    /// Clients may name models at will.
    private static final int MOST_MODELS = 10_000;
    /// Shorter texts say little about a tokenizer.
    private static final long SHORTEST = 16;

    /// @param part whose tokens
    record Of(Served model, Part part) {}

    enum Part {
        PROMPT,
        ANSWER
    }

    /// What we counted.
    ///
    /// @param answer thoughts that were shown included
    record Counted(long prompt, long answer, long thoughts) {}

    private final Map<Of, Calibration> all = new ConcurrentHashMap<>();
    private final Map<Of, Calibration> changed = new HashMap<>(); // guarded by this
    private final Map<Served, Long> turns = new ConcurrentHashMap<>();

    void restore(Of what, Calibration known) {
        all.put(what, known);
    }

    /// Whether the next stream of a model is to be compared.
    boolean wanted(Served model) {
        if (all.size() > MOST_MODELS && !all.containsKey(new Of(model, Part.ANSWER))) return false;
        if (of(model, Part.ANSWER).streams() < ALL) return true;
        return turns.merge(model, 1L, Long::sum) % ONE_OF == 0;
    }

    private Calibration of(Served model, Part part) {
        return all.getOrDefault(new Of(model, part), Calibration.NONE);
    }

    void learn(Served model, Counted counted, Usage reported) {
        long hidden = counted.thoughts() == 0 ? reported.reasoning() : 0;
        if (counted.answer() >= SHORTEST && reported.completion() > hidden) {
            double ratio = (double) (reported.completion() - hidden) / counted.answer();
            learn(new Of(model, Part.ANSWER), ratio, hidden > 0);
        }
        if (counted.prompt() >= SHORTEST && reported.prompt() > 0)
            learn(new Of(model, Part.PROMPT), (double) reported.prompt() / counted.prompt(), false);
    }

    private void learn(Of what, double ratio, boolean hidden) {
        Calibration now =
                all.merge(what, Calibration.NONE.with(ratio, hidden), (before, _) -> before.with(ratio, hidden));
        synchronized (this) {
            changed.put(what, now);
        }
    }

    /// What has changed since the last time that somebody asked.
    synchronized Map<Of, Calibration> changed() {
        Map<Of, Calibration> some = Map.copyOf(changed);
        changed.clear();
        return some;
    }

    /// What we counted, as the model would have.
    Usage estimate(Served model, Counted counted) {
        Calibration prompt = of(model, Part.PROMPT);
        Calibration answer = of(model, Part.ANSWER);
        boolean known = Tokenizer.knows(model.model());
        long completion = Math.round(counted.answer() * answer.mean());
        return new Usage(
                Math.round(counted.prompt() * prompt.mean()),
                0,
                completion,
                Math.min(completion, Math.round(counted.thoughts() * answer.mean())),
                Usage.Source.ESTIMATED,
                Math.max(prompt.spread(known), answer.spread(known)),
                answer.hidden());
    }
}
