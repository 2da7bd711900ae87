package dev.freshet.gateway.meter;

import dev.freshet.gateway.model.Spent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was spent since a day, by something. It reads the daily totals, so it takes no longer with many
/// exchanges.
///
/// @param by what the rows are
/// @param since in days since 1970, by UTC
/// @param key whose alone; null for everybody's. Not by user or tag, of which there are totals without keys
public record Report(By by, long since, @Nullable String key) {
    public enum By {
        KEY,
        OWNER,
        TEAM,
        MODEL,
        PROVIDER,
        DAY,
        USER,
        TAG;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// The rows by name, the dearest first; days in their order. A name is empty where an exchange has none.
    public Map<String, Spent> read(Connection connection) throws SQLException {
        String table = by == By.USER ? "total_user" : by == By.TAG ? "total_tag" : "total";
        String column =
                by == By.USER || by == By.TAG ? "name" : by == By.DAY ? "date(day * 86400, 'unixepoch')" : by.word();
        String order = by == By.DAY ? "1" : "sum(nano_usd) DESC, sum(requests) DESC, 1";
        StringBuilder sums = new StringBuilder();
        for (String sum : LedgerFile.SUMS.split(", ", -1))
            sums.append(", sum(").append(sum).append(')');
        String sql = "SELECT " + column + sums + " FROM " + table + " WHERE day >= ?"
                + (key == null ? "" : " AND key = ?") + " GROUP BY 1 ORDER BY " + order;
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setLong(1, since);
            if (key != null) query.setString(2, key);
            try (ResultSet rows = query.executeQuery()) {
                Map<String, Spent> all = new LinkedHashMap<>();
                while (rows.next()) all.put(rows.getString(1), spent(rows));
                return all;
            }
        }
    }

    private static Spent spent(ResultSet row) throws SQLException {
        return new Spent(
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                row.getLong(9),
                row.getLong(10));
    }
}
