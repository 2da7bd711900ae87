package dev.freshet.gateway.dialect.openai;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// What of an answer has been delivered, read from its events: enough to go on with it elsewhere. Not
/// thread-safe.
public final class AnswerSoFar {
    private final StringBuilder text = new StringBuilder();
    private boolean plain = true;
    private boolean reasoningLast;
    /// More than any provider gives.
    private static final int MAX_CHOICES = 1024;

    private final BitSet choices = new BitSet(1);
    private final BitSet finished = new BitSet(1);
    private boolean single = true;
    private long contents;
    private @Nullable Identity identity;

    /// The members that every chunk of one answer has alike; accumulators refuse a changed one.
    record Identity(
            @Nullable String id, long created, @Nullable String model) {}

    /// Takes the next event's data.
    public void add(byte[] array, int offset, int length) {
        Chunk chunk = Chunk.read(array, offset, length);
        if (chunk == null) {
            plain = false;
            return;
        }
        if (identity == null && chunk.choices > 0) identity = new Identity(chunk.id, chunk.created, chunk.model);
        single &= chunk.choices <= 1 && chunk.index >= 0 && chunk.index < MAX_CHOICES;
        if (single && chunk.choices == 1) choices.set(chunk.index);
        if (single && chunk.finished) finished.set(chunk.index);
        plain &= chunk.choices <= 1 && chunk.index == 0 && !chunk.other && !chunk.finished;
        if (chunk.reasoning) reasoningLast = true;
        if (!chunk.text.isEmpty()) reasoningLast = false;
        if (chunk.reasoning || !chunk.text.isEmpty()) contents++;
        text.append(chunk.text);
    }

    /// Whether it can be gone on with: one choice of plain text, begun and not finished, and no reasoning
    /// under way.
    public boolean canContinue() {
        return plain && !reasoningLast && !text.toString().isBlank();
    }

    /// Whether every choice that was seen has ended: then nothing is missing but `[DONE]`. Known only where
    /// chunks have one choice each, as they have with every provider that was seen.
    public boolean finished() {
        return single && !choices.isEmpty() && finished.equals(choices);
    }

    /// All of the text.
    public String text() {
        return text.toString();
    }

    /// The text as it goes into the request: white space at its end makes models stumble.
    public String prefill() {
        return text.toString().stripTrailing();
    }

    /// Whether some chunk said whose answer it is.
    public boolean named() {
        return identity != null;
    }

    /// What the answer is called where none of its chunks said.
    public void name(String id, long created, String model) {
        Identity same = identity;
        identity = new Identity(
                same == null || same.id() == null ? id : same.id(),
                same == null || same.created() == 0 ? created : same.created(),
                same == null || same.model() == null ? model : same.model());
    }

    /// How many pieces came, which is about how many tokens.
    public long contents() {
        return contents;
    }

    Identity identity() {
        return identity == null ? new Identity(null, 0, null) : identity;
    }
}
