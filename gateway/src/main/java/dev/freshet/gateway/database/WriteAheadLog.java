package dev.freshet.gateway.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.sqlite.SQLiteErrorCode;

/// SQLite's write-ahead log, with which readers and a writer do not wait for each other. Stateless.
///
/// Source: SQLite's "Write-Ahead Logging", sections 2.1 and 8.
public final class WriteAheadLog {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration PAUSE = Duration.ofMillis(5);

    private WriteAheadLog() {}

    /// Has a new connection use it, and wait at most 5 seconds for a lock that another one has. SQLite itself does
    /// not wait where the mode changes, where the last connection closes, or where a log is recovered: we do.
    ///
    /// @throws SQLException where it cannot be used
    public static void use(Connection connection) throws SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + PATIENCE.toMillis());
            while (!used(statement, deadline)) pause();
        }
    }

    private static boolean used(Statement statement, long deadline) throws SQLException {
        try {
            statement.execute("PRAGMA journal_mode = WAL");
            return true;
        } catch (SQLException e) {
            boolean busy = (e.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code;
            if (busy && System.nanoTime() - deadline < 0) return false;
            throw e;
        }
    }

    private static void pause() throws SQLException {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted while another process had its lock", e);
        }
    }
}
