package dev.freshet.gateway.exchange;

import dev.freshet.gateway.access.Purse;
import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.model.Budget;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How the rules of guards stand: which of them cost more than they save, and what was spent on judges.
/// Thread-safe.
public final class RuleAccounts {
    private static final Logger LOG = LoggerFactory.getLogger(RuleAccounts.class);

    private final Map<String, Purse> purses = new ConcurrentHashMap<>();
    private volatile Set<SavedBy> losing = Set.of();

    /// What is known now of what the rules saved and cost.
    public void learn(Map<SavedBy, Saved> known) {
        Set<SavedBy> now = new HashSet<>();
        known.forEach((by, saved) -> {
            if (saved.pays() != Saved.Pays.NO) return;
            now.add(by);
            if (!losing.contains(by))
                LOG.warn(
                        "the stops of {} for {} cost more than they save: freshet usage --savings",
                        by.rule(),
                        by.model());
        });
        losing = Set.copyOf(now);
    }

    /// A guard without the rules that cost more than they save for a model, where its operator refuses those.
    ///
    /// @return null where none is left
    @Nullable
    Guard allowed(Guard guard, String model) {
        if (guard.audit() == null || !guard.audit().refuses() || losing.isEmpty()) return guard;
        Set<String> refused = new HashSet<>();
        for (String id : guard.ids()) if (losing.contains(new SavedBy(guard.label(id), model))) refused.add(id);
        return guard.without(refused);
    }

    /// What the judge of a rule may spend.
    Purse purse(String rule) {
        return purses.computeIfAbsent(rule, _ -> new Purse());
    }

    /// What was spent on judges before this process began.
    ///
    /// @param today in days since 1970
    public void restore(long today, Budget.Period period, Map<SavedBy, Saved> known) {
        known.forEach((by, saved) -> {
            if (saved.judges().nanoUsd() > 0)
                purse(by.rule()).restore(today, period, saved.judges().nanoUsd());
        });
    }
}
