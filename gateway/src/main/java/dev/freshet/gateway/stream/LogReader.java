package dev.freshet.gateway.stream;

/// Someone who reads a log as it grows: a connection, mostly.
@FunctionalInterface
public interface LogReader {
    /// There may be new entries. Called on the reader's own event loop; must not block.
    void appended();
}
