package dev.freshet.gateway.stream.disk;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Moves what was written ahead into the database's own file, on a thread of its own, so that waiting for
/// the disk holds up no commit. Source: SQLite's "Write-Ahead Logging", "Performance Considerations".
final class Checkpoints implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    /// After so many bytes of records.
    private static final long EVERY = 16L << 20;

    private final Connection connection;
    private final Semaphore due = new Semaphore(0);
    private long written;
    private volatile boolean closed;

    Checkpoints(Connection connection) {
        this.connection = connection;
    }

    /// So much was committed. On the journal's thread.
    void written(long bytes) {
        written += bytes;
        if (written < EVERY) return;
        written = 0;
        due.release();
    }

    @Override
    public void run() {
        while (!closed) {
            due.acquireUninterruptibly();
            due.drainPermits();
            if (closed) return;
            try {
                Database.execute(connection, "PRAGMA wal_checkpoint(PASSIVE)");
                // What came meanwhile is little; when all is moved, the file is written from its beginning again.
                Database.execute(connection, "PRAGMA wal_checkpoint(RESTART)");
            } catch (SQLException e) {
                LOG.debug("a checkpoint failed, and is tried again later: {}", e.toString());
            }
        }
    }

    void close() {
        closed = true;
        due.release();
    }
}
