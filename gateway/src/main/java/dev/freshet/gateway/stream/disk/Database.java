package dev.freshet.gateway.stream.disk;

import dev.freshet.gateway.database.PrivateFile;
import dev.freshet.gateway.database.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// The SQLite file of the disk store. Each connection belongs to one thread.
///
/// Source: SQLite's "Write-Ahead Logging" and "PRAGMA Statements".
final class Database {
    private static final int VERSION = 1;
    /// Larger files are not checked as a whole when they are opened.
    private static final long CHECKED_BYTES = 256L << 20;

    private static final String[] SCHEMA = {
        // Groups of records of running streams, in the order of their commits.
        "CREATE TABLE journal (id INTEGER PRIMARY KEY, records BLOB NOT NULL)",
        // Streams that have ended. The log is erased when the stream expires; the row stays a day longer, to say so.
        "CREATE TABLE stream (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, head BLOB NOT NULL,"
                + " outcome TEXT NOT NULL, expires INTEGER NOT NULL, log BLOB)",
        "CREATE INDEX stream_expires ON stream (expires)",
        "PRAGMA user_version = " + VERSION
    };

    private final Path file;
    private final boolean machineProof;

    private Database(Path file, boolean machineProof) {
        this.file = file;
        this.machineProof = machineProof;
    }

    /// Makes the file, where there is none, and checks it.
    ///
    /// @throws StoreException where it cannot be used
    static Database open(Path folder, boolean machineProof) {
        Path file = folder.resolve("streams.db");
        Database database = new Database(file, machineProof);
        try {
            if (!Files.isWritable(folder)) throw new IOException("the folder cannot be written to");
            boolean fresh = !Files.exists(file);
            if (fresh) PrivateFile.create(file);
            try (Connection connection = database.connect()) {
                database.prepare(connection);
            }
            return database;
        } catch (SQLException e) {
            throw new StoreException(database.unusable(why(e)), e);
        } catch (IOException e) {
            throw new StoreException(
                    "streams.store: disk cannot write to " + folder.toAbsolutePath() + " (" + e.getMessage()
                            + "); make it writable, or name another folder with `data:`",
                    e);
        }
    }

    /// The innermost cause says most.
    private static String why(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) cause = cause.getCause();
        return String.valueOf(cause.getMessage());
    }

    private String unusable(String why) {
        return "the database " + file.toAbsolutePath() + " cannot be used (" + why
                + "); move it away to begin with an empty one, or use `streams: {store: memory}`";
    }

    private void prepare(Connection connection) throws SQLException, IOException {
        int version = number(connection, "PRAGMA user_version");
        if (version > VERSION) throw new StoreException(unusable("it was made by a newer version of Freshet"));
        if (version == 0) {
            for (String statement : SCHEMA) execute(connection, statement);
        } else if (Files.size(file) <= CHECKED_BYTES) {
            String said = text(connection, "PRAGMA quick_check(1)");
            if (!said.equals("ok")) throw new StoreException(unusable("it is damaged: " + said));
        }
    }

    /// A new connection. What is deleted is overwritten with zeros. Checkpoints are made when we say so.
    Connection connect() throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file.toAbsolutePath());
        WriteAheadLog.use(connection);
        execute(connection, "PRAGMA synchronous = " + (machineProof ? "FULL" : "NORMAL"));
        execute(connection, "PRAGMA secure_delete = ON");
        execute(connection, "PRAGMA wal_autocheckpoint = 0");
        execute(connection, "PRAGMA journal_size_limit = 67108864");
        return connection;
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static int number(Connection connection, String sql) throws SQLException {
        return Integer.parseInt(text(connection, sql));
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? String.valueOf(result.getString(1)) : "0";
        }
    }
}
