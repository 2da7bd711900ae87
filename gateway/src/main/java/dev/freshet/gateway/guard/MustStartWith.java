package dev.freshet.gateway.guard;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// `must_start_with`: the text must begin with one of these, to the letter; white space before it does not
/// count. Nothing is shown before that is certain.
public final class MustStartWith implements Check {
    private final List<String> beginnings;

    /// @throws GuardException where there are none, or one is blank
    public MustStartWith(List<String> beginnings) {
        if (beginnings.isEmpty() || beginnings.stream().anyMatch(String::isBlank))
            throw new GuardException("expected a beginning, or several");
        this.beginnings = List.copyOf(beginnings);
    }

    @Override
    public Detector detector() {
        return new Detector() {
            private List<String> left = beginnings;
            private int seen;
            private int at;
            private boolean certain;

            @Override
            public @Nullable Match add(CharSequence piece) {
                for (int i = 0; i < piece.length() && !certain; i++) {
                    char c = piece.charAt(i);
                    seen++;
                    if (at == 0 && Character.isWhitespace(c)) continue;
                    left = left.stream().filter(one -> one.charAt(at) == c).toList();
                    at++;
                    if (left.isEmpty()) return wrong(seen);
                    certain = left.stream().anyMatch(one -> one.length() == at);
                }
                return null;
            }

            private Match wrong(int to) {
                return new Match(0, to, to, "it must begin with " + String.join(" or ", beginnings));
            }

            @Override
            public @Nullable Match end() {
                return certain ? null : wrong(seen);
            }

            @Override
            public int held() {
                return certain ? 0 : seen;
            }
        };
    }
}
