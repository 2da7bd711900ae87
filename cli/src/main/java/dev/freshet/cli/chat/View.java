package dev.freshet.cli.chat;

/// Where an answer is shown. Used by one thread.
interface View {
    /// The next piece of the answer.
    void text(String piece);

    /// The next piece of what the model shows of its reasoning.
    void reasoning(String piece);

    /// What happens meanwhile; it goes away by itself. Empty for nothing.
    void status(String status);

    /// Shows what came since the last time.
    ///
    /// @return false where nobody looks any more
    boolean show();

    /// The answer is over.
    void end();
}
