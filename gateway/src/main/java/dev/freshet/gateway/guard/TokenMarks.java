package dev.freshet.gateway.guard;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Counts the tokens of one text, and knows at which character it had how many, for the numbers that rules
/// ask about. Not thread-safe.
final class TokenMarks {
    private final @Nullable TokenMeter meter;
    private final Map<Integer, Integer> positions = new TreeMap<>();

    /// @param tokenizer null where nobody asks
    TokenMarks(@Nullable ToIntFunction<String> tokenizer) {
        meter = tokenizer == null ? null : new TokenMeter(tokenizer);
    }

    /// Somebody will ask when there are so many.
    void mark(int tokens) {
        positions.put(tokens, -1);
    }

    /// Where the text has had so many tokens: the first character behind them; -1 where it has not yet.
    int position(int tokens) {
        return positions.getOrDefault(tokens, -1);
    }

    /// Takes the next piece.
    ///
    /// @param length of the text before it
    /// @param grown told of each character at which there are more tokens than before it, and how many more
    void add(CharSequence piece, int length, Grown grown) {
        if (meter == null) return;
        for (int i = 0; i < piece.length(); i++) {
            int before = meter.tokens();
            int now = meter.before(piece.charAt(i));
            if (now == before) continue;
            int position = length + i;
            positions.replaceAll((tokens, at) -> at < 0 && now >= tokens ? position : at);
            grown.at(position, now - before);
        }
    }

    /// Told of tokens.
    @FunctionalInterface
    interface Grown {
        /// @param position of the character that follows them
        void at(int position, int tokens);
    }
}
