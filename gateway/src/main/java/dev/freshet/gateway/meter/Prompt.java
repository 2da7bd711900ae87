package dev.freshet.gateway.meter;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A request's prompt, and how many tokens it has once that was counted. Everything but [#rough] is owned by
/// the counting thread.
public final class Prompt {
    private static final int PER_MESSAGE = 4;
    private static final int AT_THE_END = 3;
    private static final int PER_PICTURE = 765;

    private final long rough;
    private @Nullable Supplier<Said> source;
    private long tokens = -1;

    /// What a request says.
    ///
    /// @param text of all messages and tools
    /// @param messages how many
    /// @param pictures how many
    public record Said(String text, int messages, int pictures) {}

    /// @param rough a first guess, in tokens
    /// @param source asked once, on the counting thread
    public Prompt(long rough, Supplier<Said> source) {
        this.rough = rough;
        this.source = source;
    }

    /// A prompt of which no more is known than how long it was, roughly.
    public Prompt(long rough) {
        this.rough = rough;
        tokens = rough;
    }

    /// A first guess, in tokens. From any thread.
    public long rough() {
        return rough;
    }

    /// Source: OpenAI's cookbook, "How to count tokens with tiktoken": 3 for each message and 1 for its role, 3
    /// at the end; and its page on images: 765 for one of usual size.
    long tokens(Tokenizer tokenizer, String model) {
        if (tokens >= 0 || source == null) return Math.max(0, tokens);
        Said said = source.get();
        source = null;
        tokens = tokenizer.count(model, said.text())
                + (long) PER_MESSAGE * said.messages()
                + AT_THE_END
                + (long) PER_PICTURE * said.pictures();
        return tokens;
    }
}
