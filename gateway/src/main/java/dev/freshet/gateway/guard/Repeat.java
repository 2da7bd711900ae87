package dev.freshet.gateway.guard;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `repeat`: a loop, as models fall into: the same characters again and again, a unit of at most `span`
/// characters, `copies` times or more, and at least `span` characters in all.
///
/// What looks like tables or code (rules, braces, tags, calls) must come three times as often; and a unit
/// without at least two different letters is no loop: rulers, grids, zeros.
public final class Repeat implements Check {
    public static final int USUAL_COPIES = 4;
    public static final int USUAL_SPAN = 96;
    public static final int MOST_SPAN = 512;
    private static final String STRUCTURE = "|\t{}[]<>=─│┼";
    private static final int MORE_OF_STRUCTURE = 3;

    private final int copies;
    private final int span;

    /// @throws GuardException where a number is out of its bounds
    public Repeat(int copies, int span) {
        if (copies < 2 || copies > 1_000) throw new GuardException("`copies` is 2 to 1000");
        if (span < 1 || span > MOST_SPAN) throw new GuardException("`span` is 1 to " + MOST_SPAN + " characters");
        this.copies = copies;
        this.span = span;
    }

    @Override
    public Detector detector() {
        return new Loop();
    }

    private final class Loop implements Detector {
        private static final int RING = 2 * MOST_SPAN;

        /// The last characters, twice: so that the last `span` of them always lie in one row.
        private final char[] last = new char[RING];
        /// For each distance: how many characters in a row are the same as those so far before them.
        private final int[] same = new int[span + 1];
        private int at = MOST_SPAN;
        private int seen;

        @Override
        public @Nullable Match add(CharSequence piece) {
            for (int i = 0; i < piece.length(); i++) {
                char c = piece.charAt(i);
                int period = step(c);
                seen++;
                last[at] = c;
                last[at - MOST_SPAN] = c;
                at = at + 1 == RING ? MOST_SPAN : at + 1;
                if (period > 0 && isLoop(period)) return loop(period);
            }
            return null;
        }

        /// @return the shortest distance that has become long enough; 0 for none
        private int step(char c) {
            int found = 0;
            int most = Math.min(span, seen);
            for (int distance = most; distance > 0; distance--) {
                int row = last[at - distance] == c ? same[distance] + 1 : 0;
                same[distance] = row;
                if (row + distance >= Math.max(span, copies * distance)) found = distance;
            }
            return found;
        }

        private boolean isLoop(int period) {
            Set<Character> letters = new HashSet<>();
            boolean structure = false;
            for (int i = 1; i <= period; i++) {
                char c = last[at - i];
                char before = last[at - i - (i == period ? 0 : 1)];
                if (Character.isLetter(c)) letters.add(c);
                structure |= STRUCTURE.indexOf(c) >= 0 || (before == ';' && c == '\n') || (before == '(' && c == ')');
            }
            if (letters.size() < 2) return false;
            int often = structure ? MORE_OF_STRUCTURE : 1;
            return same[period] + period >= Math.max(span, copies * period) * often;
        }

        private Match loop(int period) {
            return new Match(seen - period, seen, seen, "it repeats itself");
        }

        @Override
        public @Nullable Match end() {
            return null;
        }
    }
}
