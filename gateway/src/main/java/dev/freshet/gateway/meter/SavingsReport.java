package dev.freshet.gateway.meter;

import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What rules saved since a day, and what they cost.
///
/// @param since in days since 1970, by UTC
/// @param key whose alone; null for everybody's
public record SavingsReport(long since, @Nullable String key) {
    /// The rows, by rule and model.
    public Map<SavedBy, Saved> read(Connection connection) throws SQLException {
        return SavingsTable.read(connection, since, key);
    }
}
