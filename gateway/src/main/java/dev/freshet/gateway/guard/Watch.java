package dev.freshet.gateway.guard;

import dev.freshet.gateway.model.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// What guards know of one attempt's answer. Not thread-safe.
///
/// Times are in nanoseconds of a monotonic clock, and handed in.
public final class Watch {
    /// Why a purse stops an answer.
    public static final String TOO_MUCH = "it takes more than it may";

    /// How long an attempt may run before its pace is looked at, and for how long that is measured.
    private static final Duration PACE = Duration.ofSeconds(5);

    private final List<Guard> guards;
    private final @Nullable ToIntFunction<String> tokenizer;
    private final Spent spent;
    private final Map<Long, Text> texts = new LinkedHashMap<>();
    private final List<Stop> found = new ArrayList<>();
    private final Consumer<Stop> finding = found::add;
    private final List<Question> questions = new ArrayList<>(0);
    private final Set<Question> open = new HashSet<>();
    private final Set<Ignored> ignored = new HashSet<>();
    private final List<Purse> purses = new ArrayList<>(0);
    private int tokens;
    private long firstNanos; // of the first delta, once it came
    private long lastNanos;
    private long paceNanos; // since when the pace is measured
    private int paceTokens;
    private boolean begun;
    private boolean ended;

    /// A rule that is not told of again.
    private record Ignored(Guard guard, String rule) {}

    private static final class Purse {
        private final Guard guard;
        private final Spend spend;
        private long most; // tokens of this attempt; 0 until that was asked

        Purse(Guard guard, Spend spend) {
            this.guard = guard;
            this.spend = spend;
        }
    }

    /// What was spent before this attempt, and what money buys.
    ///
    /// @param tokens that earlier attempts gave
    /// @param affordable how many tokens this attempt may give until all cost so many nano-dollars;
    /// [Long#MAX_VALUE] where that is not known
    /// @param beganNanos when the first attempt began
    public record Spent(int tokens, LongUnaryOperator affordable, long beganNanos) {}

    /// @param tokenizer how many tokens a short text has; needed where [#needsTokens]
    public Watch(List<Guard> guards, ToIntFunction<String> tokenizer, Spent spent) {
        this.guards = guards;
        this.tokenizer = needsTokens(guards) ? tokenizer : null;
        this.spent = spent;
        for (Guard guard : guards)
            for (Spend spend : guard.spends())
                if (spend.tokens() != null || spend.nanoUsd() != null) purses.add(new Purse(guard, spend));
    }

    /// Whether time matters to some of the guards.
    public static boolean timed(List<Guard> guards) {
        return guards.stream()
                .anyMatch(guard -> (guard.hold() != null && guard.hold().time() != null)
                        || guard.spends().stream().anyMatch(Spend::timed));
    }

    /// Whether some of the guards can only be followed with a tokenizer.
    public static boolean needsTokens(List<Guard> guards) {
        return guards.stream().anyMatch(Guard::needsTokens);
    }

    /// Takes a piece of the answer. What is found is told by [#next].
    ///
    /// @param call which of a choice's calls; 0 for other channels
    /// @return the text that it is part of
    public Text add(int choice, Channel channel, int call, CharSequence piece, long nowNanos) {
        if (!begun) {
            firstNanos = nowNanos;
            paceNanos = nowNanos;
        }
        begun = true;
        lastNanos = nowNanos;
        Text text = text(choice, channel, call);
        if (tokenizer != null) text.count(piece, (position, more) -> grown(text, position, more));
        text.add(piece, finding);
        text.judge(piece, questions::add);
        return text;
    }

    private Text text(int choice, Channel channel, int call) {
        long name = ((long) choice << 40) | ((long) channel.ordinal() << 32) | (call & 0xffffffffL);
        Text known = texts.get(name);
        if (known != null) return known;
        Text text = new Text(choice, channel, new TokenMarks(tokenizer));
        for (Guard guard : guards) {
            if (!guard.channels().contains(channel)) continue;
            for (Rule rule : guard.rules()) {
                if (ignored.contains(new Ignored(guard, rule.id()))) continue;
                text.watch(guard, rule);
            }
            for (Confidence rule : guard.confidences())
                if (!ignored.contains(new Ignored(guard, rule.id()))) text.watch(guard, rule);
            for (Judge judge : guard.judges())
                if (!ignored.contains(new Ignored(guard, judge.id()))) text.watch(guard, judge);
        }
        texts.put(name, text);
        return text;
    }

    private void grown(Text text, int position, int more) {
        int before = tokens;
        tokens += more;
        for (Purse purse : purses) {
            if (purse.most == 0) purse.most = most(purse.spend);
            if (before < purse.most
                    && tokens >= purse.most
                    && !ignored.contains(new Ignored(purse.guard, purse.spend.id())))
                found.add(purse(purse.guard, purse.spend, text, position, TOO_MUCH));
        }
    }

    /// How many tokens this attempt may give.
    private long most(Spend spend) {
        long most = Long.MAX_VALUE;
        if (spend.tokens() != null) most = Math.max(1, spend.tokens() - spent.tokens());
        if (spend.nanoUsd() != null)
            most = Math.min(most, Math.max(1, spent.affordable().applyAsLong(spend.nanoUsd())));
        return most;
    }

    private static Stop purse(Guard guard, Spend spend, Text text, int position, String why) {
        return new Stop(guard, spend.id(), Stop.Kind.PURSE, text, new Match(position, position, position + 1, why), "");
    }

    /// The next rule that is broken: by the character at which it was, then by the rules' order.
    ///
    /// @return null for none
    public @Nullable Stop next() {
        if (found.isEmpty()) return null;
        found.sort(Comparator.<Stop>comparingInt(stop -> stop.match().seen()).thenComparingInt(this::order));
        return found.removeFirst();
    }

    private int order(Stop stop) {
        int order = 0;
        for (Guard guard : guards) {
            for (Rule rule : guard.rules()) {
                if (guard.equals(stop.guard()) && rule.id().equals(stop.rule())) return order;
                order++;
            }
            for (Confidence rule : guard.confidences()) {
                if (guard.equals(stop.guard()) && rule.id().equals(stop.rule())) return order;
                order++;
            }
            for (Judge judge : guard.judges()) {
                if (guard.equals(stop.guard()) && judge.id().equals(stop.rule())) return order;
                order++;
            }
        }
        return order;
    }

    /// Takes what the provider says of the next token of a choice's answer, behind its text. What is found is
    /// told by [#next].
    ///
    /// @param characters of the token
    public void token(int choice, double logprob, int characters) {
        text(choice, Channel.VISIBLE, 0).token(logprob, characters, finding);
    }

    /// The next question that a judge is to be asked; [#answered] follows, where anybody waits for that.
    ///
    /// @return null for none
    public @Nullable Question nextQuestion() {
        if (questions.isEmpty()) return null;
        Question next = questions.removeFirst();
        open.add(next);
        return next;
    }

    /// A judge has spoken, or never will.
    ///
    /// @return whether that matters any more
    public boolean answered(Question question) {
        return open.remove(question)
                && !ignored.contains(
                        new Ignored(question.guard(), question.judge().id()));
    }

    /// Whether judges are being asked.
    public boolean judging() {
        return !open.isEmpty();
    }

    /// The answer is over, and nobody was shown any of it: texts that are shorter than their judges wanted
    /// are judged too.
    public void judgeAll() {
        for (Text text : texts.values()) text.judgeAll(questions::add);
    }

    /// A choice is over. What is found is told by [#next].
    public void end(int choice) {
        for (Text text : texts.values()) if (text.choice() == choice) text.end(finding);
    }

    /// The answer is over. What is found is told by [#next].
    public void end() {
        ended = true;
        if (texts.isEmpty()) text(0, Channel.VISIBLE, 0); // rules about beginnings are not kept by silence
        for (Text text : texts.values()) text.end(finding);
    }

    /// From now on a broken rule is not told of again.
    public void ignore(Stop stop) {
        ignored.add(new Ignored(stop.guard(), stop.rule()));
        texts.values().forEach(text -> text.ignore(stop.guard(), stop.rule()));
        found.removeIf(
                other -> other.guard().equals(stop.guard()) && other.rule().equals(stop.rule()));
    }

    /// Whether nothing may be shown yet.
    public boolean holds(long nowNanos) {
        if (ended) return false;
        for (Guard guard : guards) {
            Guard.Hold hold = guard.hold();
            if (hold == null) continue;
            boolean soon = hold.time() == null
                    || !begun
                    || nowNanos - firstNanos < hold.time().toNanos();
            if (tokens < hold.tokens() && soon) return true;
            if (judging(guard)) return true;
        }
        return false;
    }

    private boolean judging(Guard guard) {
        if (open.isEmpty()) return false;
        for (Question question : open) if (question.guard().equals(guard)) return true;
        return false;
    }

    /// Looks at what time says of the answer: no more than a few times a second.
    ///
    /// @return null where all is in order
    public @Nullable Stop late(long nowNanos) {
        for (Guard guard : guards) {
            for (Spend spend : guard.spends()) {
                boolean passed = ignored.contains(new Ignored(guard, spend.id()));
                String why = passed ? null : late(spend, nowNanos);
                if (why == null) continue;
                boolean purse = spend.time() != null
                        && nowNanos - spent.beganNanos() >= spend.time().toNanos();
                Text text = texts.isEmpty() ? null : List.copyOf(texts.values()).getLast();
                int at = text == null ? 0 : text.length();
                Stop.Kind kind = purse ? Stop.Kind.PURSE : Stop.Kind.PACE;
                return new Stop(guard, spend.id(), kind, text, new Match(at, at, at, why), "");
            }
        }
        pace(nowNanos);
        return null;
    }

    private @Nullable String late(Spend spend, long nowNanos) {
        if (spend.time() != null
                && nowNanos - spent.beganNanos() >= spend.time().toNanos()) return "it takes more time than it may";
        if (!begun) return null;
        if (spend.stall() != null && nowNanos - lastNanos >= spend.stall().toNanos()) return "it fell silent";
        long measured = nowNanos - paceNanos;
        boolean slow = spend.tokensPerSecondBelow() > 0
                && measured >= PACE.toNanos()
                && (tokens - paceTokens) * 1e9 / measured < spend.tokensPerSecondBelow();
        return slow ? "it comes too slowly" : null;
    }

    /// Begins to measure the pace anew.
    private void pace(long nowNanos) {
        if (!begun || nowNanos - paceNanos < PACE.toNanos()) return;
        paceNanos = nowNanos;
        paceTokens = tokens;
    }

    /// How many tokens all words that are over have; 0 where nobody asked.
    public int tokens() {
        return tokens;
    }
}
