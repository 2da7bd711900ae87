package dev.freshet.gateway.database;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A SQLite database with a schema that grows: each version's statements are run once, in their order.
/// Thread-safe; a connection belongs to one thread.
///
/// Source: SQLite's "PRAGMA Statements" (`user_version`) and "Write-Ahead Logging".
public final class SqliteFile {
    private final @Nullable Path file;
    private final List<List<String>> versions;
    private final boolean machineProof;

    /// @param file which need not be there yet; its folder must. Null for a database in memory, which each
    /// connection has alone
    /// @param versions what makes each version from the one before
    /// @param machineProof whether what was committed survives the machine's death, not the process's only
    public SqliteFile(@Nullable Path file, List<List<String>> versions, boolean machineProof) {
        this.file = file;
        this.versions = versions;
        this.machineProof = machineProof;
    }

    public boolean exists() {
        return file != null && Files.exists(file);
    }

    /// Opens it, where need be makes it, readable by its owner only, and brings it to the newest version.
    ///
    /// @throws SQLException where it cannot be used; the message says why
    public Connection open() throws SQLException {
        make();
        Connection connection =
                DriverManager.getConnection("jdbc:sqlite:" + (file == null ? ":memory:" : file.toAbsolutePath()));
        try (Statement statement = connection.createStatement()) {
            WriteAheadLog.use(connection);
            statement.execute("PRAGMA synchronous = " + (machineProof ? "FULL" : "NORMAL"));
            statement.execute("PRAGMA journal_size_limit = 67108864");
            migrate(statement);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private void make() throws SQLException {
        try {
            if (file != null && !Files.exists(file)) PrivateFile.create(file);
        } catch (FileAlreadyExistsException e) {
            // Another process was faster.
        } catch (IOException e) {
            throw new SQLException(e.getMessage(), e);
        }
    }

    private void migrate(Statement statement) throws SQLException {
        if (version(statement) == versions.size()) return;
        statement.execute("BEGIN IMMEDIATE"); // several processes may open it at once
        try {
            int version = version(statement);
            if (version > versions.size()) throw new SQLException("it was made by a newer version of Freshet");
            for (List<String> step : versions.subList(version, versions.size())) {
                for (String one : step) statement.execute(one);
            }
            statement.execute("PRAGMA user_version = " + versions.size());
            statement.execute("COMMIT");
        } catch (SQLException e) {
            statement.execute("ROLLBACK");
            throw e;
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet version = statement.executeQuery("PRAGMA user_version")) {
            version.next();
            return version.getInt(1);
        }
    }

    @Override
    public String toString() {
        return file == null ? "memory" : file.toAbsolutePath().toString();
    }
}
