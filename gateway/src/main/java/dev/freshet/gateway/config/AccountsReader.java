package dev.freshet.gateway.config;

import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Budget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads what is about money: `prices`, `owners`, `ledger`, and the limits of keys and owners.
final class AccountsReader {
    private final Section root;
    private final Path folder;

    AccountsReader(Section root, Path folder) {
        this.root = root;
        this.folder = folder;
    }

    Config.Accounts accounts() {
        Path own = root.optional("prices").map(folder::resolve).orElse(null);
        boolean off = root.off("ledger");
        Section ledger = off ? root.absent("ledger") : root.section("ledger");
        Duration keep = ledger.duration("keep", Config.Accounts.USUAL_KEEP);
        ledger.end();
        Map<String, Allowance> owners = ConfigReader.named(root.section("owners"), (_, entry) -> {
            Allowance allowance = allowance(entry, List.of());
            entry.end();
            return allowance;
        });
        return new Config.Accounts(PriceReader.list(own), own, owners, !off, keep);
    }

    /// The limits that an entry names.
    static Allowance allowance(Section entry, List<String> models) {
        return new Allowance(models, limit(entry, "rpm"), limit(entry, "tpm"), limit(entry, "streams"), budget(entry));
    }

    private static @Nullable Integer limit(Section entry, String name) {
        if (!entry.has(name)) return null;
        int limit = entry.count(name, 0);
        if (limit < 1) throw entry.errorAt(name, "expected at least 1; revoke a key that may do nothing");
        return limit;
    }

    private static @Nullable Budget budget(Section entry) {
        if (!entry.has("budget")) return null;
        return entry.parsed(
                "budget", new Budget(0, Budget.Period.DAY), Units::budget, "a budget like 5usd/day or 100usd/month");
    }
}
