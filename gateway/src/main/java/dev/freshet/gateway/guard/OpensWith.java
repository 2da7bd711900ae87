package dev.freshet.gateway.guard;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `opens_with`: the text must not open with one of these phrases: behind spaces and marks; or, with a number
/// of characters, anywhere among them, at the beginning of a word.
public final class OpensWith implements Check {
    private static final int MOST_WITHIN = 2_000;

    private final Phrases phrases;
    private final int within;

    /// @param within how many of the first characters a phrase may begin in; 0 for the first word only
    /// @throws GuardException where there are no phrases, or too many
    public OpensWith(List<String> phrases, int within) {
        if (within > MOST_WITHIN) throw new GuardException("`within_chars` is at most " + MOST_WITHIN);
        this.phrases = new Phrases(phrases);
        this.within = within;
    }

    @Override
    public Detector detector() {
        return new Opening();
    }

    private final class Opening implements Detector {
        private int state;
        private int seen;
        private int firstWord = -1;
        private boolean inWord;
        private boolean over;
        /// Which of the first characters begin a word.
        private final boolean[] begins = new boolean[Math.max(1, within)];

        @Override
        public @Nullable Match add(CharSequence piece) {
            for (int i = 0; i < piece.length() && !over; i++) {
                Match match = take(piece.charAt(i));
                if (match != null) return match;
            }
            return null;
        }

        private @Nullable Match take(char c) {
            boolean letter = Character.isLetterOrDigit(c);
            boolean first = letter && firstWord < 0;
            if (first) firstWord = seen;
            if (seen < begins.length) begins[seen] = first || !inWord;
            inWord = letter;
            seen++;
            state = phrases.next(state, Phrases.fold(c));
            int length = phrases.found(state);
            if (length > 0 && opens(seen - length))
                return new Match(seen - length, seen, seen, "it opens with a phrase that it must not open with");
            over = !mayOpen(seen - phrases.depth(state));
            return null;
        }

        private boolean opens(int at) {
            if (within > 0) return at < within && begins[at];
            return firstWord < 0 || at <= firstWord;
        }

        /// Whether what begins there, or later, may be an opening.
        private boolean mayOpen(int at) {
            return within > 0 ? at < within : firstWord < 0 || at <= firstWord;
        }

        @Override
        public @Nullable Match end() {
            return null;
        }

        @Override
        public int held() {
            return over ? 0 : phrases.depth(state);
        }
    }
}
