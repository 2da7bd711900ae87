package dev.freshet.gateway.guard;

import java.util.function.ToIntFunction;

/// Counts the tokens of a text that comes in pieces: of all words that are over. Not thread-safe.
///
/// Tokenizers split a text into words first, and words into tokens; none joins what a space separates from
/// the word before it. So the count of the words is the count of the text, and each word is counted once,
/// however it was cut. Words without end (Chinese has no spaces) are cut after so many characters.
final class TokenMeter {
    private static final int LONGEST = 48;

    private final ToIntFunction<String> tokenizer;
    private final StringBuilder word = new StringBuilder();
    private int tokens;

    /// @param tokenizer how many tokens a short text has
    TokenMeter(ToIntFunction<String> tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// Takes one character.
    ///
    /// @return how many tokens there are before it
    int before(char c) {
        int length = word.length();
        boolean blank = c == ' ' && length > 0 && word.charAt(length - 1) != ' ';
        boolean over = blank || (length >= LONGEST && !Character.isLowSurrogate(c));
        if (over) endWord();
        word.append(c);
        return tokens;
    }

    private void endWord() {
        tokens += tokenizer.applyAsInt(word.toString());
        word.setLength(0);
    }

    /// How many tokens all words that are over have.
    int tokens() {
        return tokens;
    }

    /// The text is over, and with it its last word.
    int end() {
        if (!word.isEmpty()) endWord();
        return tokens;
    }
}
