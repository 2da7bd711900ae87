package dev.freshet.gateway.guard;

import java.util.Arrays;
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

    /// For each character only the places are looked at where the same one came before: a handful in a text.
    /// Its memory grows with the text, up to what the span takes: a held stream has said little yet.
    private final class Loop implements Detector {
        private static final int KINDS = 128;
        private static final int FIRST = 16;

        private final int most = Math.max(2, Integer.highestOneBit(2 * span + 1));
        private int mask = Math.min(FIRST, most) - 1;
        private char[] last = new char[mask + 1];
        private int[] before = new int[mask + 1]; // where a character of the same kind came last
        private final int[] newest = new int[KINDS];
        /// For each distance: how many characters in a row were the same as those so far before them.
        private int[] same = new int[mask + 1];
        private int[] until = new int[mask + 1]; // and at which place that was last true
        private int seen = 1; // one more than there are: 0 stands for nowhere

        @Override
        public @Nullable Match add(CharSequence piece) {
            for (int i = 0; i < piece.length(); i++) {
                char c = piece.charAt(i);
                if (seen > mask && mask + 1 < most) grow();
                int period = step(c);
                last[seen & mask] = c;
                before[seen & mask] = newest[c % KINDS];
                newest[c % KINDS] = seen++;
                if (period > 0 && isLoop(period))
                    return new Match(seen - 1 - period, seen - 1, seen - 1, "it repeats itself");
            }
            return null;
        }

        /// Before the first place would be used again: so far a place is its own index, and no distance is longer.
        private void grow() {
            int size = 2 * (mask + 1);
            mask = size - 1;
            last = Arrays.copyOf(last, size);
            before = Arrays.copyOf(before, size);
            same = Arrays.copyOf(same, size);
            until = Arrays.copyOf(until, size);
        }

        /// @return the shortest distance that has become long enough; 0 for none
        private int step(char c) {
            int found = 0;
            for (int place = newest[c % KINDS]; place > 0 && seen - place <= span; place = before[place & mask]) {
                if (last[place & mask] != c) continue;
                int distance = seen - place;
                int row = until[distance] == seen - 1 ? same[distance] + 1 : 1;
                same[distance] = row;
                until[distance] = seen;
                if (found == 0 && row + distance >= Math.max(span, copies * distance)) found = distance;
            }
            return found;
        }

        private boolean isLoop(int period) {
            Set<Character> letters = new HashSet<>();
            boolean structure = false;
            for (int i = 1; i <= period; i++) {
                char c = last[(seen - i) & mask];
                char next = last[(seen - (i == 1 ? period : i - 1)) & mask];
                if (Character.isLetter(c)) letters.add(c);
                structure |= STRUCTURE.indexOf(c) >= 0 || (c == ';' && next == '\n') || (c == '(' && next == ')');
            }
            if (letters.size() < 2) return false;
            int often = structure ? MORE_OF_STRUCTURE : 1;
            return same[period] + period >= Math.max(span, copies * period) * often;
        }

        @Override
        public @Nullable Match end() {
            return null;
        }
    }
}
