package dev.freshet.gateway.stream;

/// Makes entries safe before readers see them. Called on the log's event loop; must not block.
public interface Durability {
    /// Memory: what is appended is as safe as it gets.
    Durability NONE = log -> log.readable(log.tail());

    /// Entries were appended up to the log's tail: when they are safe, [StreamLog#readable] is to be called
    /// on the log's loop with their last number.
    void appended(StreamLog log);

    /// Something to keep with the log, of which its readers see nothing.
    default void note(StreamLog log, byte[] note) {}

    /// Whether the entries survive the process.
    default boolean durable() {
        return false;
    }
}
