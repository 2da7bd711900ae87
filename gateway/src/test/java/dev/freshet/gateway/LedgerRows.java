package dev.freshet.gateway;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a ledger says, read as anybody with the file can.
final class LedgerRows {
    private LedgerRows() {}

    /// One row.
    ///
    /// @param source null where nothing is charged
    /// @param nanoUsd null where that is not known
    /// @param detail of attempts and guards, as JSON; null where there is nothing to tell
    record Row(
            String stream,
            @Nullable String key,
            String model,
            String outcome,
            @Nullable String source,
            long prompt,
            long cached,
            long completion,
            long reasoning,
            int spread,
            @Nullable Long nanoUsd,
            int attempts,
            int atRisk,
            @Nullable String user,
            @Nullable String tag,
            @Nullable String detail) {
        /// As the table of the failure model has it.
        String word() {
            String charged = source == null ? "0" : source.equals("reported") ? "U" : "E";
            return charged + (atRisk > 0 ? ", at risk" : "");
        }
    }

    /// All rows of a data folder, in the order in which they were written.
    static List<Row> all(Path data) {
        Path file = data.resolve("ledger.db");
        if (!Files.exists(file)) return List.of();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement query = connection.createStatement();
                ResultSet row = query.executeQuery("SELECT * FROM exchange ORDER BY id")) {
            List<Row> all = new ArrayList<>();
            while (row.next()) all.add(row(row));
            return all;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static Row row(ResultSet row) throws SQLException {
        long nanoUsd = row.getLong("nano_usd");
        return new Row(
                row.getString("stream"),
                row.getString("key"),
                row.getString("model"),
                row.getString("outcome"),
                row.getString("source"),
                row.getLong("prompt"),
                row.getLong("cached"),
                row.getLong("completion"),
                row.getLong("reasoning"),
                row.getInt("spread"),
                row.getObject("nano_usd") == null ? null : Long.valueOf(nanoUsd),
                row.getInt("attempts"),
                row.getInt("at_risk"),
                row.getString("user"),
                row.getString("tag"),
                row.getString("detail"));
    }

    /// Waits for so many rows, and says what they are.
    static List<Row> await(Path data, int count) {
        Eventually.is(() -> all(data).size() >= count);
        return all(data);
    }

    /// How many exchanges are open.
    static int open(Path data) {
        return number(data, "SELECT count(*) FROM open");
    }

    static int number(Path data, String sql) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("ledger.db"));
                Statement query = connection.createStatement();
                ResultSet row = query.executeQuery(sql)) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
