package dev.freshet.gateway.stream;

/// Who appends to a log, and answers for the stream while it runs. All calls come on the log's event loop.
public interface LogWriter {
    /// A reader has joined.
    void joined();

    /// A reader has left.
    ///
    /// @param readers how many are left
    void left(int readers);

    /// The stream is to end now: nobody wants it any more.
    void stop();

    /// The stream's state as it is now, as JSON.
    byte[] state();
}
