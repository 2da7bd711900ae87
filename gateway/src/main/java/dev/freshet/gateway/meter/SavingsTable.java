package dev.freshet.gateway.meter;

import dev.freshet.gateway.model.Sample;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What rules saved and cost, in the ledger: daily sums by key, rule and model. Not thread-safe.
final class SavingsTable {
    private static final List<String> SUMS = List.of(
            "stops",
            "uncredited",
            "held",
            "seen",
            "rest",
            "rest_squares",
            "rest_nano_usd",
            "rest_nano_usd_squares",
            "mistaken",
            "retries",
            "retry_tokens",
            "retry_nano_usd",
            "judges",
            "judge_tokens",
            "judge_nano_usd",
            "unknown");

    static final String CREATE =
            "CREATE TABLE saving (day INTEGER NOT NULL, key TEXT NOT NULL, rule TEXT NOT NULL, model TEXT NOT NULL, "
                    + String.join(" REAL NOT NULL, ", SUMS) + " REAL NOT NULL,"
                    + " PRIMARY KEY (day, key, rule, model)) STRICT, WITHOUT ROWID";

    /// @param key its id; empty where none was asked for
    private record Place(long day, String key, SavedBy by) {}

    private final Map<Place, Saved> waiting = new HashMap<>();

    static PreparedStatement upsert(Connection connection) throws SQLException {
        String sums = String.join(
                ", ",
                SUMS.stream()
                        .map(sum -> sum + " = " + sum + " + excluded." + sum)
                        .toList());
        return connection.prepareStatement("INSERT INTO saving VALUES (?, ?, ?, ?" + ", ?".repeat(SUMS.size())
                + ") ON CONFLICT DO UPDATE SET " + sums);
    }

    void add(long day, String key, SavedBy by, Saved saved) {
        waiting.merge(new Place(day, key, by), saved, Saved::plus);
    }

    void write(PreparedStatement into) throws SQLException {
        for (Map.Entry<Place, Saved> one : waiting.entrySet()) {
            Place place = one.getKey();
            into.setLong(1, place.day());
            into.setString(2, place.key());
            into.setString(3, place.by().rule());
            into.setString(4, place.by().model());
            int at = 5;
            for (double sum : sums(one.getValue())) into.setDouble(at++, sum);
            into.addBatch();
        }
        into.executeBatch();
    }

    private static double[] sums(Saved saved) {
        return new double[] {
            saved.stops(),
            saved.uncredited(),
            saved.held(),
            saved.tokens().n(),
            saved.tokens().sum(),
            saved.tokens().squares(),
            saved.nanoUsd().sum(),
            saved.nanoUsd().squares(),
            saved.mistaken(),
            saved.retries().count(),
            saved.retries().tokens(),
            saved.retries().nanoUsd(),
            saved.judges().count(),
            saved.judges().tokens(),
            saved.judges().nanoUsd(),
            saved.unknown()
        };
    }

    /// @param since in days since 1970
    /// @param key whose alone; null for everybody's
    static Map<SavedBy, Saved> read(Connection connection, long since, @Nullable String key) throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT rule, model");
        for (String sum : SUMS) sql.append(", sum(").append(sum).append(')');
        sql.append(" FROM saving WHERE day >= ?").append(key == null ? "" : " AND key = ?");
        sql.append(" GROUP BY 1, 2 ORDER BY 1, 2");
        try (PreparedStatement query = connection.prepareStatement(sql.toString())) {
            query.setLong(1, since);
            if (key != null) query.setString(2, key);
            try (ResultSet rows = query.executeQuery()) {
                Map<SavedBy, Saved> all = new LinkedHashMap<>();
                while (rows.next()) all.put(new SavedBy(rows.getString(1), rows.getString(2)), saved(rows));
                return all;
            }
        }
    }

    private static Saved saved(ResultSet row) throws SQLException {
        long seen = row.getLong(6);
        return new Saved(
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                new Sample(seen, row.getDouble(7), row.getDouble(8)),
                new Sample(seen, row.getDouble(9), row.getDouble(10)),
                row.getLong(11),
                new Saved.Calls(row.getLong(12), row.getLong(13), row.getLong(14)),
                new Saved.Calls(row.getLong(15), row.getLong(16), row.getLong(17)),
                row.getLong(18));
    }
}
