package dev.freshet.gateway.stream;

/// Someone who reads a log as it grows: a connection, mostly.
@FunctionalInterface
public interface LogReader {
    /// There are new entries. Called on the log's event loop; must not block.
    void appended();
}
