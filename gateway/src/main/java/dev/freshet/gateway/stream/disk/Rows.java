package dev.freshet.gateway.stream.disk;

import dev.freshet.gateway.stream.StreamHead;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is written to the database, in transactions. Owned by one thread.
///
/// Transactions are begun and ended by statements of our own: after a commit that failed SQLite may have
/// rolled back by itself, which the driver's own bookkeeping does not notice.
final class Rows {
    private static final Logger LOG = LoggerFactory.getLogger(Rows.class);

    /// How long a stream's row stays when its log is erased, to say that it was there.
    private static final Duration REMEMBERED = Duration.ofHours(24);

    private final Connection connection;
    private final PreparedStatement insertGroup;
    private final PreparedStatement trim;
    private final PreparedStatement insertStream;
    private final PreparedStatement erase;
    private final PreparedStatement delete;

    Rows(Connection connection) throws SQLException {
        this.connection = connection;
        insertGroup = connection.prepareStatement("INSERT INTO journal (id, records) VALUES (?, ?)");
        trim = connection.prepareStatement("DELETE FROM journal WHERE id < ?");
        insertStream = connection.prepareStatement(
                "INSERT INTO stream (number, id, head, outcome, expires, log) VALUES (?, ?, ?, ?, ?, ?)");
        erase = connection.prepareStatement("UPDATE stream SET log = NULL WHERE expires <= ? AND log IS NOT NULL");
        delete = connection.prepareStatement("DELETE FROM stream WHERE expires <= ?");
    }

    void begin() throws SQLException {
        Database.execute(connection, "BEGIN IMMEDIATE");
    }

    void commit() throws SQLException {
        Database.execute(connection, "COMMIT");
    }

    void rollback() {
        try {
            Database.execute(connection, "ROLLBACK");
        } catch (SQLException e) {
            LOG.debug("there was nothing to roll back: {}", e.toString());
        }
    }

    /// Adds a group of records to the journal.
    void group(long id, byte[] records) throws SQLException {
        insertGroup.setLong(1, id);
        insertGroup.setBytes(2, records);
        insertGroup.executeUpdate();
    }

    /// Removes the groups before one.
    void trim(long group) throws SQLException {
        trim.setLong(1, group);
        trim.executeUpdate();
    }

    /// Adds a stream that has ended.
    ///
    /// @param expires in milliseconds since 1970
    /// @param log null where there is none to keep
    void stream(long number, StreamHead head, String outcome, long expires, byte @Nullable [] log) throws SQLException {
        insertStream.setLong(1, number);
        insertStream.setString(2, head.id().value());
        insertStream.setBytes(3, Heads.write(head));
        insertStream.setString(4, outcome);
        insertStream.setLong(5, expires);
        insertStream.setBytes(6, log);
        insertStream.executeUpdate();
    }

    /// Erases the logs whose time is over, and forgets their streams a day later.
    void expire(long epochMillis) throws SQLException {
        erase.setLong(1, epochMillis);
        erase.executeUpdate();
        delete.setLong(1, epochMillis - REMEMBERED.toMillis());
        delete.executeUpdate();
    }
}
