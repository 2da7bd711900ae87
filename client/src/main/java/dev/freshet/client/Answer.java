package dev.freshet.client;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// An answer: a whole one, one that was stopped, or what came of one that failed ([ChatException#answer]).
/// Immutable.
///
/// @param id as the server named it
/// @param model the model that answered, where the server says so; else the one that was asked for
/// @param choices the answers; one, unless more were asked for; empty where nothing came
/// @param ending how it ended
/// @param usage what the last attempt took, where the server said so
/// @param attempts all tries, the last one included: more than one after restarts and retries
/// @param firstToken from the request to the first content of the last attempt; null where none came
/// @param duration from the request to the end
/// @param streamId the stream's at a Freshet gateway; else empty
/// @param state what a Freshet gateway says of the stream at its end (cost, attempts, guards); else empty
public record Answer(
        String id,
        String model,
        List<Choice> choices,
        Ending ending,
        @Nullable Usage usage,
        List<Attempt> attempts,
        @Nullable Duration firstToken,
        Duration duration,
        String streamId,
        Map<String, @Nullable Object> state) {
    /// One of the answers.
    ///
    /// @param message ready for the next request: reasoning goes with it only where calls of tools do, as
    /// models
    ///     that want it back ask for it there, and refuse it elsewhere
    /// @param reasoning what the model showed of it
    /// @param finishReason `stop`, `length`, `tool_calls`, …; empty where none came
    public record Choice(Message message, String reasoning, String finishReason) {}

    /// How an answer ended.
    public enum Ending {
        /// The server gave evidence that it is whole.
        COMPLETED,
        /// A rule stopped it ([ChatOptions#stopWhen]).
        STOPPED,
        /// The caller did.
        CANCELLED,
        /// It failed.
        FAILED
    }

    /// One try.
    ///
    /// @param ending how it ended
    /// @param tokens pieces of content that came: about as many as tokens
    /// @param usage as the server said, where it did
    /// @param cause why it failed; else null
    public record Attempt(
            Ending ending,
            int tokens,
            @Nullable Usage usage,
            @Nullable ChatException cause) {
        /// What the answer's side of the try took: as the server said, else [#tokens].
        public long completionTokens() {
            return usage == null ? tokens : usage.completionTokens();
        }
    }

    /// The text of the first choice; may be empty.
    public String text() {
        return choices.isEmpty() ? "" : choices.get(0).message().text();
    }

    /// The reasoning of the first choice; may be empty.
    public String reasoning() {
        return choices.isEmpty() ? "" : choices.get(0).reasoning();
    }

    /// Why the first choice ended; empty where the server did not say.
    public String finishReason() {
        return choices.isEmpty() ? "" : choices.get(0).finishReason();
    }

    /// The message of the first choice, ready for the next request.
    ///
    /// @throws IllegalStateException where nothing came
    public Message message() {
        if (choices.isEmpty()) throw new IllegalStateException("nothing came of the answer");
        return choices.get(0).message();
    }

    /// Tokens of all attempts' answers, as the server said or as they came.
    public long completionTokens() {
        return attempts.stream().mapToLong(Attempt::completionTokens).sum();
    }

    /// What the last attempt cost in nano-dollars, where a Freshet gateway knows its price.
    public OptionalLong nanoUsd() {
        return state.get("cost") instanceof Map<?, ?> cost && cost.get("nano_usd") instanceof Number nano
                ? OptionalLong.of(nano.longValue())
                : OptionalLong.empty();
    }
}
