package dev.freshet.gateway.stream;

/// What an entry of a stream's log is.
public enum EntryKind {
    /// An event of the answer, as the provider sent its data.
    EVENT,
    /// The same with line feeds in its data, so that it takes several `data` lines.
    MULTILINE_EVENT,
    /// The whole answer of a request that did not ask for a stream.
    WHOLE,
    /// The `[DONE]` of a complete answer.
    DONE,
    /// The error that ended the answer.
    ERROR,
    /// The last entry: the stream's final state. Exactly one, and nothing comes after it.
    END,
    /// What the answer takes, which its request did not ask for: it has its number, and no reader is shown it.
    HIDDEN;

    private static final EntryKind[] BY_NUMBER = values();

    /// The kind of an ordinal, as it is stored.
    public static EntryKind numbered(int number) {
        return BY_NUMBER[number];
    }
}
