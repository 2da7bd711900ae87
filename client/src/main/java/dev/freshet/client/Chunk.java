package dev.freshet.client;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One piece of an answer, as the server sent it. Immutable.
///
/// @param id the answer's, as the server named it; empty where it did not
/// @param model the model that answers; empty where the server does not say
/// @param deltas what is new, by choice; most chunks have one
/// @param usage what the answer took; with the last chunk, where it was asked for
/// @param json the chunk as it came, for fields that are not here
/// @param cursor the event's number at a Freshet gateway; else empty
/// @param attempt which try of the answer this belongs to, from 1 on: a higher number than the last chunk's
/// says that
///     what came before is void ([ChatOptions#restarts], [ChatOptions#retryWith])
public record Chunk(
        String id,
        String model,
        List<Delta> deltas,
        @Nullable Usage usage,
        String json,
        String cursor,
        int attempt) {
    /// What is new in one choice.
    ///
    /// @param index the choice's, from 0 on
    /// @param text of the answer; may be empty
    /// @param reasoning before the answer, where the model shows it; may be empty
    /// @param refusal where the model declines to answer; may be empty
    /// @param toolCalls pieces of calls
    /// @param finishReason why the choice ended: `stop`, `length`, `tool_calls`, …; null until it does
    /// @param other members of the delta that are not above, and not its role
    public record Delta(
            int index,
            String text,
            String reasoning,
            String refusal,
            List<ToolCallPart> toolCalls,
            @Nullable String finishReason,
            Map<String, @Nullable Object> other) {
        /// Whether there is something to read: an empty delta, or one with the role only, has nothing.
        public boolean hasContent() {
            return !text.isEmpty()
                    || !reasoning.isEmpty()
                    || !refusal.isEmpty()
                    || !toolCalls.isEmpty()
                    || !other.isEmpty();
        }
    }

    /// A piece of a call: the first has id and name, the following ones more of the arguments.
    ///
    /// @param index which of the answer's calls, from 0 on
    /// @param id empty in following pieces
    /// @param name empty in following pieces
    /// @param arguments a piece of JSON
    public record ToolCallPart(int index, String id, String name, String arguments) {}

    /// What is new in the text of the first choice; may be empty.
    public String text() {
        Delta first = first();
        return first == null ? "" : first.text();
    }

    /// What is new in the reasoning of the first choice; may be empty.
    public String reasoning() {
        Delta first = first();
        return first == null ? "" : first.reasoning();
    }

    private @Nullable Delta first() {
        for (Delta delta : deltas) if (delta.index() == 0) return delta;
        return null;
    }

    boolean hasContent() {
        for (Delta delta : deltas) if (delta.hasContent()) return true;
        return false;
    }
}
