package dev.freshet.gateway.access;

import dev.freshet.gateway.meter.Ledger;
import dev.freshet.gateway.meter.Report;
import dev.freshet.gateway.meter.SavingsReport;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Spent;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Says what a caller's key has spent. Thread-safe.
public final class Spending {
    private final @Nullable Ledger ledger;
    private final Quotas quotas;

    /// @param ledger null where none is kept
    public Spending(@Nullable Ledger ledger, Quotas quotas) {
        this.ledger = ledger;
        this.quotas = quotas;
    }

    /// What was spent with a key, and how its budgets stand.
    ///
    /// @param models by the name that was asked for, the dearest first
    /// @param days in their order
    /// @param savings of guards that watched its answers, by rule and model
    public record Answer(
            Map<String, Spent> models,
            Map<String, Spent> days,
            Map<SavedBy, Saved> savings,
            List<Quotas.Standing> budgets) {}

    /// Whether there is anything to ask.
    public boolean kept() {
        return ledger != null;
    }

    /// @param since in days since 1970, by UTC
    public CompletableFuture<Answer> of(Caller caller, long since) {
        if (ledger == null)
            return CompletableFuture.completedFuture(new Answer(Map.of(), Map.of(), Map.of(), List.of()));
        String key = caller.key() == null ? "" : caller.key();
        return ledger.ask(connection -> new Answer(
                new Report(Report.By.MODEL, since, key).read(connection),
                new Report(Report.By.DAY, since, key).read(connection),
                new SavingsReport(since, key).read(connection),
                quotas.standings(caller)));
    }
}
