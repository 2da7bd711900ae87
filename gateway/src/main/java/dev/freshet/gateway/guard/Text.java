package dev.freshet.gateway.guard;

import dev.freshet.gateway.model.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One of an answer's texts, and the rules that look at it: a choice's answer, its reasoning, the arguments of
/// one call. Not thread-safe; only [Watch] changes it.
public final class Text {
    private static final int TAIL = 512;
    static final int MOST_WORDS = 200;

    private final int choice;
    private final Channel channel;
    private final List<Watched> watched = new ArrayList<>();
    private final TokenMarks marks;
    private final List<Pending> judges = new ArrayList<>(0);
    private final StringBuilder beginning = new StringBuilder(0); // as long as a judge waits for it
    private final StringBuilder tail = new StringBuilder();
    private final List<Confident> confidences = new ArrayList<>(0);
    private int tokensEnd; // of those whose probability was told
    private int length;

    /// @param marks where it has how many tokens
    Text(int choice, Channel channel, TokenMarks marks) {
        this.marks = marks;
        this.choice = choice;
        this.channel = channel;
    }

    void watch(Guard guard, Rule rule) {
        if (rule.bounds().tokens()) marks.mark(rule.bounds().withinTokens());
        watched.add(new Watched(guard, rule));
    }

    /// A judge that waits for its tokens.
    private record Pending(Guard guard, Judge judge) {}

    void watch(Guard guard, Confidence rule) {
        confidences.add(new Confident(guard, rule));
    }

    /// Takes what the provider says of the next token.
    ///
    /// @param characters of the token
    void token(double logprob, int characters, Consumer<Stop> found) {
        int begin = tokensEnd;
        tokensEnd += characters;
        for (int i = confidences.size() - 1; i >= 0; i--) {
            Confident one = confidences.get(i);
            Match match = one.take(logprob, begin, tokensEnd);
            if (match == null) continue;
            confidences.remove(i);
            found.accept(new Stop(
                    one.guard(), one.rule().id(), Stop.Kind.TEXT, this, match, words(match.from(), match.to())));
        }
    }

    void watch(Guard guard, Judge judge) {
        marks.mark(judge.atTokens());
        judges.add(new Pending(guard, judge));
    }

    int choice() {
        return choice;
    }

    public Channel channel() {
        return channel;
    }

    /// How many characters there are.
    public int length() {
        return length;
    }

    /// How many of them can be no part of what a rule looks for.
    public int safe() {
        int held = 0;
        for (Watched one : watched) held = Math.max(held, one.held());
        return length - held;
    }

    /// Counts the tokens of the next piece, before it is added.
    void count(CharSequence piece, TokenMarks.Grown grown) {
        marks.add(piece, length, grown);
    }

    /// Takes the next piece.
    ///
    /// @param found told of what the rules find, each of which ends with that
    void add(CharSequence piece, Consumer<Stop> found) {
        int before = length;
        length += piece.length();
        remember(piece);
        for (int i = watched.size() - 1; i >= 0; i--) {
            Watched one = watched.get(i);
            Match match = one.add(piece, before, marks);
            if (match != null) found.accept(stop(one, match));
            if (match != null || one.over) watched.remove(i);
        }
    }

    /// Takes the next piece, which was added, for the judges that wait.
    ///
    /// @param asked told of what they are asked
    void judge(CharSequence piece, Consumer<Question> asked) {
        if (judges.isEmpty()) return;
        beginning.append(piece);
        for (int i = judges.size() - 1; i >= 0; i--) {
            int at = marks.position(judges.get(i).judge().atTokens());
            if (at >= 0) ask(judges.remove(i), at, asked);
        }
        if (judges.isEmpty()) beginning.setLength(0);
    }

    /// The text is over: it is shorter than some judges wanted.
    void judgeAll(Consumer<Question> asked) {
        for (Pending one : judges) ask(one, beginning.length(), asked);
        judges.clear();
    }

    private void ask(Pending one, int to, Consumer<Question> asked) {
        String words = Match.whole(beginning.substring(0, to));
        if (!words.isBlank()) asked.accept(new Question(one.guard(), one.judge(), this, words));
    }

    void end(Consumer<Stop> found) {
        for (Watched one : watched) {
            Match match = one.end();
            if (match != null) found.accept(stop(one, match));
        }
        watched.clear();
    }

    void ignore(Guard guard, String rule) {
        watched.removeIf(one -> one.guard.equals(guard) && one.rule.id().equals(rule));
        confidences.removeIf(one -> one.guard().equals(guard) && one.rule().id().equals(rule));
        judges.removeIf(one -> one.guard().equals(guard) && one.judge().id().equals(rule));
    }

    private Stop stop(Watched one, Match match) {
        String words = one.rule.check().tellsWords() ? words(match.from(), match.to()) : "";
        return new Stop(one.guard, one.rule.id(), Stop.Kind.TEXT, this, match, words);
    }

    private void remember(CharSequence piece) {
        tail.append(piece);
        if (tail.length() > 2 * TAIL + piece.length()) tail.delete(0, tail.length() - TAIL - piece.length());
    }

    private String words(int from, int to) {
        int begin = length - tail.length();
        int first = Math.max(0, from - begin);
        int last = Math.min(to - begin, first + MOST_WORDS);
        return last <= first ? "" : Match.whole(tail.substring(first, last));
    }

    /// A rule that looks at this text.
    private static final class Watched {
        private final Guard guard;
        private final Rule rule;
        private final Detector detector;
        private boolean over;
        private boolean begun;

        Watched(Guard guard, Rule rule) {
            this.guard = guard;
            this.rule = rule;
            detector = rule.check().detector();
        }

        int held() {
            return begun ? detector.held() : 0;
        }

        @Nullable
        Match add(CharSequence piece, int before, TokenMarks tokens) {
            Rule.Bounds bounds = rule.bounds();
            int within = bounds.withinChars();
            int mark = bounds.tokens() ? tokens.position(bounds.withinTokens()) : -1;
            if (mark >= 0) within = Math.min(within, mark);
            int from = Math.max(0, bounds.afterChars() - before);
            int to = Math.min(piece.length(), within - before);
            Match match = from < to ? detector.add(part(piece, from, to)) : null;
            begun |= from < to;
            if (match == null && before + piece.length() >= within) {
                over = true;
                match = detector.end();
                // Known by the next character only.
                if (match != null && mark == within)
                    match = new Match(match.from(), match.to(), match.seen() + 1, match.path(), match.why());
            }
            return match == null ? null : match.moved(bounds.afterChars());
        }

        @Nullable
        Match end() {
            Match match = detector.end();
            return match == null ? null : match.moved(rule.bounds().afterChars());
        }

        private static CharSequence part(CharSequence piece, int from, int to) {
            return from == 0 && to == piece.length() ? piece : piece.subSequence(from, to);
        }
    }
}
