package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Usage;
import dev.freshet.sse.EventView;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Follows one streamed answer: says what each event means, and whether the answer is complete.
///
/// An answer is complete with `[DONE]`, or with a finish reason for every choice; nothing else counts. Not
/// thread-safe; one for each attempt.
/// Source: OpenAI's API reference, "The chat completion chunk object".
public final class ChatStream {
    private final BitSet choices = new BitSet(1);
    private final BitSet finished = new BitSet(1);
    private @Nullable ChunkShape shape;
    private boolean done;
    private long unreadable;
    private @Nullable Usage usage;
    private boolean usageInside;
    private boolean usageFresh;

    /// Looks at an event. The view is not kept.
    public EventMeaning look(EventView event) {
        usageInside = false;
        byte[] array = event.array();
        int offset = event.offset();
        int length = event.length();
        if (shape != null && shape.matches(array, offset, length)) {
            usageFresh = false;
            return EventMeaning.CONTENT;
        }
        if (isDone(array, offset, length)) {
            done = true;
            return EventMeaning.DONE;
        }
        if (event.hasType("error")) return EventMeaning.ERROR;
        return parse(array, offset, length);
    }

    /// Whether what was seen so far is evidence of a complete answer.
    public boolean complete() {
        return done || (!choices.isEmpty() && finished.cardinality() == choices.cardinality());
    }

    /// What the provider said last of what the answer takes; null where it said nothing.
    public @Nullable Usage usage() {
        return usage;
    }

    /// Whether no content came after that was said.
    public boolean usageFresh() {
        return usageFresh;
    }

    /// Whether the event that was looked at last says what the answer takes, beside something else.
    public boolean usageInside() {
        return usageInside;
    }

    /// How many events were not JSON; they are passed on all the same.
    public long unreadable() {
        return unreadable;
    }

    private static boolean isDone(byte[] array, int offset, int length) {
        return length == 6
                && array[offset] == '['
                && array[offset + 1] == 'D'
                && array[offset + 2] == 'O'
                && array[offset + 3] == 'N'
                && array[offset + 4] == 'E'
                && array[offset + 5] == ']';
    }

    private EventMeaning parse(byte[] array, int offset, int length) {
        try (JsonParser parser = Json.parser(array, offset, length)) {
            ChunkReader chunk = new ChunkReader(parser);
            chunk.read();
            if (chunk.error()) return EventMeaning.ERROR;
            choices.or(chunk.choices());
            finished.or(chunk.finished());
            if (chunk.usage() != null) usage = chunk.usage();
            usageFresh = chunk.usage() != null || (usageFresh && !chunk.content());
            usageInside = chunk.usage() != null && !chunk.choices().isEmpty();
            if (chunk.usage() != null && chunk.choices().isEmpty()) return EventMeaning.USAGE;
            ChunkShape seen = ChunkShape.of(chunk, array, offset, length);
            if (seen != null) shape = seen;
            return chunk.content() ? EventMeaning.CONTENT : EventMeaning.OTHER;
        } catch (JacksonException e) {
            unreadable++;
            return EventMeaning.OTHER;
        }
    }

    /// The token that ends a value that nobody looks at.
    static void skip(JsonParser parser, @Nullable JsonToken token) {
        if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) parser.skipChildren();
    }
}
