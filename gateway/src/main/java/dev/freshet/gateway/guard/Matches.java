package dev.freshet.gateway.guard;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// `matches`: no part of the text may match an expression. RE2's expressions only, which take time in
/// proportion to the text, whatever they say. A match of more than [#LOOK_BACK] characters may not be found.
///
/// A match counts as soon as one more character has come, or the text is over: only then is it known
/// whether a word ends there. Source: RE2's syntax, github.com/google/re2/wiki/Syntax.
public final class Matches implements Check {
    /// How long a match may be and is found for certain.
    public static final int LOOK_BACK = 128;

    private static final int BLOCK = 64;
    private static final int MOST_CHARACTERS = 1_000;

    private final Pattern ended; // the expression, at the text's end
    private final Pattern followed; // the same, with one more character behind it

    /// @param mostSteps how large the compiled expression may be: each character of a text takes at most so
    /// many steps
    /// @throws GuardException where it is none, or too large
    public Matches(String expression, int mostSteps) {
        if (expression.isEmpty() || expression.length() > MOST_CHARACTERS)
            throw new GuardException("expected an expression of 1 to " + MOST_CHARACTERS + " characters");
        if (ExpressionSize.of(expression) > mostSteps) throw tooLarge(mostSteps);
        try {
            ended = Pattern.compile(expression);
            followed = Pattern.compile("(?:" + expression + ")(?s:.)");
        } catch (PatternSyntaxException e) {
            throw new GuardException("the expression is not one of RE2's (" + e.getDescription()
                    + "); look-around and back references are not among them");
        }
        if (ended.programSize() > mostSteps) throw tooLarge(mostSteps);
        if (ended.matcher("").find()) throw new GuardException("the expression matches the empty text, so everywhere");
    }

    private static GuardException tooLarge(int mostSteps) {
        return new GuardException(
                "the expression is too large (over " + mostSteps + " steps a character); make its repetitions shorter");
    }

    /// How many steps a character takes at most.
    public int steps() {
        return ended.programSize();
    }

    @Override
    public Detector detector() {
        return new Window();
    }

    /// The text's last characters. Each search begins at a place that depends on the search's end only, so
    /// that pieces make no difference.
    private final class Window implements Detector {
        private final StringBuilder window = new StringBuilder(LOOK_BACK + 2 * BLOCK);
        private final Matcher search = followed.matcher(window);
        private int base; // where the window begins in the text

        @Override
        public @Nullable Match add(CharSequence piece) {
            for (int from = 0; from < piece.length(); ) {
                int seen = base + window.length();
                if (seen % BLOCK == 0) trim(seen);
                int to = Math.min(piece.length(), from + BLOCK - (seen % BLOCK));
                window.append(piece, from, to);
                if (found(window)) return first(seen - base);
                from = to;
            }
            return null;
        }

        /// A block begins: its searches look back so far, and one character more to know where words begin.
        private void trim(int seen) {
            int begin = seen - LOOK_BACK - 1;
            if (begin <= base) return;
            window.delete(0, begin - base);
            base = begin;
        }

        private int start() {
            return base == 0 ? 0 : 1;
        }

        private boolean found(CharSequence text) {
            return text.length() > start() && search.reset(text).find(start());
        }

        /// The first character at which there is a match, by halving, because a match stays.
        ///
        /// @param before how much of the window had none
        private Match first(int before) {
            int low = before;
            int high = window.length();
            while (high - low > 1) {
                int middle = low + (high - low) / 2;
                if (found(window.subSequence(0, middle))) high = middle;
                else low = middle;
            }
            Matcher match = ended.matcher(window.substring(0, high - 1));
            if (!match.find(start())) {
                match = ended.matcher(window.substring(0, high)); // what follows is part of its condition
                if (!match.find(start())) throw new IllegalStateException("a match that is none");
            }
            return match(match, base + high);
        }

        private Match match(Matcher found, int seen) {
            return new Match(
                    base + found.start(), base + found.end(), seen, "it matches an expression that it must not match");
        }

        @Override
        public @Nullable Match end() {
            Matcher match = ended.matcher(window);
            boolean there = window.length() > start() && match.find(start());
            return there ? match(match, base + window.length()) : null;
        }
    }
}
