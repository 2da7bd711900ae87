package dev.freshet.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Where a call is, for who shows it to a person or counts it. Immutable.
public sealed interface ChatState {
    /// The request is under way to the server.
    record Connecting() implements ChatState {}

    /// The server has taken it; there is no content yet.
    ///
    /// @param streamId the stream's at a Freshet gateway; else empty
    record Waiting(String streamId) implements ChatState {}

    /// Content comes.
    record Streaming() implements ChatState {}

    /// A connection was lost, or the server asked to wait; it is tried again in a while. Nothing is repeated.
    ///
    /// @param in after this long
    /// @param tries how often it was tried without content in between, this one included
    /// @param cause why
    record Reconnecting(Duration in, int tries, ChatException cause) implements ChatState {}

    /// The stream goes on behind what came before.
    ///
    /// @param cursor the last event that had come; empty where none had
    record Resumed(String cursor) implements ChatState {}

    /// What came is void, and the answer is asked for again, in a while.
    ///
    /// @param in after this long
    /// @param attempt the number of the attempt that begins now, from 2 on
    /// @param cause why the one before failed; null where a rule stopped it
    record Restarted(Duration in, int attempt, @Nullable ChatException cause) implements ChatState {}
}
