package dev.freshet.gateway.meter;

import dev.freshet.gateway.database.SqliteFile;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The ledger's database: single rows, daily totals, what is open, how counts compare, and what
/// guards saved.
///
/// Totals are per day and key, and in tables of their own per day and `user`, and per day and tag, because
/// there may be very many of those. Amounts are integers in nano-dollars; no text is null in a total, it is
/// empty instead.
final class LedgerFile {
    static final String NAME = "ledger.db";

    /// The columns of a total that are summed, in their order.
    static final String SUMS = "requests, prompt, cached, completion, reasoning, estimated, unknown, at_risk, nano_usd";

    private static final String SUM_COLUMNS =
            " requests INTEGER NOT NULL, prompt INTEGER NOT NULL, cached INTEGER NOT NULL, completion INTEGER NOT NULL,"
                    + " reasoning INTEGER NOT NULL, estimated INTEGER NOT NULL, unknown INTEGER NOT NULL,"
                    + " at_risk INTEGER NOT NULL, nano_usd INTEGER NOT NULL,";

    private static final List<String> FIRST = List.of(
            // In the order in which they ended: what is oldest has the smallest id.
            "CREATE TABLE exchange (id INTEGER PRIMARY KEY, stream TEXT NOT NULL, key TEXT, owner TEXT NOT NULL, team TEXT,"
                    + " user TEXT, tag TEXT, model TEXT NOT NULL, provider TEXT NOT NULL, served TEXT NOT NULL,"
                    + " created INTEGER NOT NULL, ended INTEGER NOT NULL, outcome TEXT NOT NULL, source TEXT, prompt INTEGER,"
                    + " cached INTEGER, completion INTEGER, reasoning INTEGER, spread INTEGER, at_least INTEGER,"
                    + " nano_usd INTEGER, attempts INTEGER NOT NULL, at_risk INTEGER NOT NULL, first_token_ms INTEGER NOT NULL,"
                    + " duration_ms INTEGER NOT NULL, detail TEXT) STRICT",
            "CREATE TABLE total (day INTEGER NOT NULL, key TEXT NOT NULL, owner TEXT NOT NULL, team TEXT NOT NULL,"
                    + " model TEXT NOT NULL, provider TEXT NOT NULL," + SUM_COLUMNS
                    + " PRIMARY KEY (day, key, owner, team, model, provider)) STRICT, WITHOUT ROWID",
            "CREATE TABLE total_user (day INTEGER NOT NULL, name TEXT NOT NULL," + SUM_COLUMNS
                    + " PRIMARY KEY (day, name)) STRICT, WITHOUT ROWID",
            "CREATE TABLE total_tag (day INTEGER NOT NULL, name TEXT NOT NULL," + SUM_COLUMNS
                    + " PRIMARY KEY (day, name)) STRICT, WITHOUT ROWID",
            // What is under way, and what a dead process left.
            "CREATE TABLE open (stream TEXT PRIMARY KEY, run TEXT NOT NULL, key TEXT, owner TEXT NOT NULL, team TEXT, user TEXT,"
                    + " tag TEXT, token TEXT, model TEXT NOT NULL, provider TEXT NOT NULL, served TEXT NOT NULL,"
                    + " created INTEGER NOT NULL, prompt INTEGER NOT NULL, nano_usd INTEGER) STRICT, WITHOUT ROWID",
            "CREATE TABLE token (id TEXT PRIMARY KEY, day INTEGER NOT NULL, nano_usd INTEGER NOT NULL) STRICT, WITHOUT ROWID",
            "CREATE TABLE calibration (provider TEXT NOT NULL, model TEXT NOT NULL, part TEXT NOT NULL, streams INTEGER NOT NULL,"
                    + " mean REAL NOT NULL, squares REAL NOT NULL, hidden INTEGER NOT NULL,"
                    + " PRIMARY KEY (provider, model, part)) STRICT, WITHOUT ROWID");

    private static final List<String> SECOND = List.of(SavingsTable.CREATE);

    private LedgerFile() {}

    /// @param folder the data folder; null for a ledger in memory
    static SqliteFile in(@Nullable Path folder) {
        return new SqliteFile(folder == null ? null : folder.resolve(NAME), List.of(FIRST, SECOND), false);
    }
}
