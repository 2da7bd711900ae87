package dev.freshet.gateway.guard;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `contains`: none of these phrases may come. What may still become one is held back.
public final class Contains implements Check {
    private final Phrases phrases;
    private final List<String> texts;

    /// @throws GuardException where there are none, or too many
    public Contains(List<String> phrases) {
        this.phrases = new Phrases(phrases);
        texts = List.copyOf(phrases);
    }

    /// As they were written.
    public List<String> phrases() {
        return texts;
    }

    @Override
    public Detector detector() {
        return new Detector() {
            private int state;
            private int seen;

            @Override
            public @Nullable Match add(CharSequence piece) {
                for (int i = 0; i < piece.length(); i++) {
                    seen++;
                    state = phrases.next(state, Phrases.fold(piece.charAt(i)));
                    int length = phrases.found(state);
                    if (length > 0)
                        return new Match(seen - length, seen, seen, "it contains a phrase that it must not");
                }
                return null;
            }

            @Override
            public @Nullable Match end() {
                return null;
            }

            @Override
            public int held() {
                return phrases.depth(state);
            }
        };
    }
}
