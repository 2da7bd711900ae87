package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.Deltas;
import dev.freshet.gateway.dialect.openai.Truncation;
import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.Question;
import dev.freshet.gateway.guard.Spend;
import dev.freshet.gateway.guard.Stop;
import dev.freshet.gateway.guard.Text;
import dev.freshet.gateway.guard.Watch;
import dev.freshet.gateway.model.Channel;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.StreamLog;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Stands between an answer's provider and its log while guards watch: lets events pass as soon as nothing
/// speaks against that, and holds the others back. What is held back has no number yet. Owned by the
/// exchange's loop.
final class Guarded {
    /// How often time is looked at.
    private static final Duration TICK = Duration.ofMillis(100);

    private final List<Guard> guards;
    private final ToIntFunction<String> tokenizer;
    private final Loop loop;
    private final boolean timed;
    private final boolean toTheEnd;
    private final Listener listener;
    private final List<Stop> passed = new ArrayList<>(0);
    private final ArrayDeque<Held> queue = new ArrayDeque<>();
    private final List<Part> parts = new ArrayList<>(1); // of the event that is being looked at
    private final List<Loop.Timer> timers = new ArrayList<>(0);
    private Watch watch;
    private Deltas deltas;
    private final BitSet ended = new BitSet(1); // choices whose end was shown
    private long held; // bytes in the queue
    private boolean begun;
    private boolean shown;
    private final List<Runnable> hearings = new ArrayList<>(0);
    private boolean attemptEnded; // and judges have not
    private boolean over;

    /// Told of what guards let pass, and of what they stop.
    interface Listener {
        void shown(EntryKind kind, byte[] array, int offset, int length, boolean content);

        /// A rule is broken.
        ///
        /// @return whether the answer goes on all the same
        boolean stopped(Stop stop);

        /// The answer ended because its tokens were used up.
        ///
        /// @param at how much of its last text there is, where the last event has some
        /// @return the rule that gave the provider that limit; null where it was the client's own, or was told
        /// of before
        @Nullable
        Stop usedUp(int at);

        /// Asks a judge.
        ///
        /// @param told later, unless it is given up before: why the answer is to be stopped, or null
        /// @return gives it up
        Runnable judge(Question question, Consumer<@Nullable String> told);

        /// All is shown, of an answer whose provider had ended it before the judges had.
        void judged();

        /// What could be shown was, for now.
        void batchEnd();
    }

    /// A piece of a text that an event carries.
    private record Part(Text text, int begin, int end) {
        boolean clear() {
            return end <= text.safe();
        }
    }

    /// @param ends the choices that it ends
    private record Held(EntryKind kind, byte[] bytes, boolean content, List<Part> parts, List<Integer> ends) {
        /// Its text up to a character, and not that it ends anything.
        byte @Nullable [] upTo(int character) {
            if (parts.size() != 1) return null;
            Part part = parts.getFirst();
            return Truncation.shortened(bytes, part.text().channel(), Math.min(character, part.end()) - part.begin());
        }
    }

    /// @param tokenizer how many tokens a short text has
    /// @param toTheEnd whether nothing is shown before the answer is whole
    Guarded(List<Guard> guards, ToIntFunction<String> tokenizer, Loop loop, boolean toTheEnd, Listener listener) {
        this.guards = guards;
        this.tokenizer = tokenizer;
        this.loop = loop;
        this.toTheEnd = toTheEnd;
        timed = Watch.timed(guards);
        this.listener = listener;
        watch = new Watch(guards, tokenizer, new Watch.Spent(0, _ -> Long.MAX_VALUE, loop.nanoTime()));
        deltas = new Deltas(new Pieces());
    }

    List<Guard> guards() {
        return guards;
    }

    /// An attempt begins: what came of an earlier one is forgotten.
    void begin(Watch.Spent spent) {
        queue.clear();
        held = 0;
        ended.clear();
        begun = false;
        watch = new Watch(guards, tokenizer, spent);
        passed.forEach(watch::ignore);
        deltas = new Deltas(new Pieces());
        attemptEnded = false;
        stopTimers();
        boolean timed =
                guards.stream().flatMap(guard -> guard.spends().stream()).anyMatch(Spend::timed);
        if (timed) timers.add(loop.after(TICK, this::tick));
    }

    /// An answer is gone on with, of which a log has the beginning.
    void goOn(StreamLog log, Watch.Spent spent) {
        begin(spent);
        shown = true;
        LogCursor cursor = log.fromStart();
        while (cursor.next(log.tail())) deltas.read(cursor.array(), cursor.offset(), cursor.length());
        while (watch.next() != null) {
            // It was there before, and let pass.
        }
        parts.clear();
    }

    private final class Pieces implements Deltas.Sink {
        @Override
        public void delta(int choice, Channel channel, int call, CharSequence piece) {
            Text text = watch.add(choice, channel, call, piece, now());
            parts.add(new Part(text, text.length() - piece.length(), text.length()));
        }

        @Override
        public void token(int choice, double logprob, int characters) {
            watch.token(choice, logprob, characters);
        }
    }

    /// Takes the next event.
    ///
    /// @param limit of what may be held back, in bytes
    /// @return whether it fitted below the limit
    boolean take(EntryKind kind, byte[] array, int offset, int length, boolean content, long limit) {
        parts.clear();
        deltas.read(array, offset, length);
        askJudges();
        if (!begun && content) first();
        for (int choice : deltas.justFinished()) watch.end(choice);
        Stop stop = watch.next();
        if (stop == null && deltas.cutShort())
            stop = listener.usedUp(parts.isEmpty() ? 0 : parts.getLast().end());
        if (stop == null && queue.isEmpty() && !holds() && clear(parts)) {
            deltas.justFinished().forEach(ended::set);
            show(kind, array, offset, length, content);
            return true;
        }
        byte[] bytes = Arrays.copyOfRange(array, offset, offset + length);
        queue.add(new Held(kind, bytes, content, List.copyOf(parts), List.copyOf(deltas.justFinished())));
        held += length;
        if (!told(stop)) return true;
        drain();
        return held <= limit;
    }

    /// @return whether the answer goes on
    private boolean told(@Nullable Stop first) {
        for (Stop stop = first; stop != null; stop = watch.next()) {
            if (!listener.stopped(stop)) return false;
            passed.add(stop);
            watch.ignore(stop);
        }
        return true;
    }

    private void first() {
        begun = true;
        for (Guard guard : guards) {
            Guard.Hold hold = guard.hold();
            if (hold != null && hold.time() != null) timers.add(loop.after(hold.time(), this::holdIsOver));
        }
    }

    private void askJudges() {
        for (Question one = watch.nextQuestion(); one != null; one = watch.nextQuestion()) {
            Question question = one;
            hearings.add(listener.judge(question, why -> judged(question, why)));
        }
    }

    private void judged(Question question, @Nullable String why) {
        if (over || !watch.answered(question)) return;
        if (why != null && !told(question.stop(why))) return;
        if (attemptEnded && !awaitsJudges()) {
            attemptEnded = false;
            watch.end();
            showAll();
            listener.judged();
        } else {
            drain();
            listener.batchEnd();
        }
    }

    private boolean awaitsJudges() {
        return !shown && watch.judging();
    }

    private void holdIsOver() {
        if (over) return;
        drain();
        listener.batchEnd();
    }

    private void tick() {
        if (over) return;
        Stop stop = watch.late(loop.nanoTime());
        if (stop != null) {
            if (!listener.stopped(stop)) return;
            passed.add(stop);
            watch.ignore(stop);
        }
        timers.add(loop.after(TICK, this::tick));
    }

    private boolean holds() {
        return toTheEnd || attemptEnded || (!shown && watch.holds(now()));
    }

    /// Asking the clock takes as long as some detectors.
    private long now() {
        return timed ? loop.nanoTime() : 0;
    }

    private static boolean clear(List<Part> parts) {
        for (Part part : parts) if (!part.clear()) return false;
        return true;
    }

    private void drain() {
        while (!queue.isEmpty() && !holds() && clear(queue.getFirst().parts())) showFirst();
    }

    private void showFirst() {
        Held first = queue.removeFirst();
        held -= first.bytes().length;
        first.ends().forEach(ended::set);
        show(first.kind(), first.bytes(), 0, first.bytes().length, first.content());
    }

    private void show(EntryKind kind, byte[] array, int offset, int length, boolean content) {
        shown |= content;
        listener.shown(kind, array, offset, length, content);
    }

    /// Whether some content was shown.
    boolean shown() {
        return shown;
    }

    /// The attempt has ended well: the last rules are asked.
    ///
    /// @return whether the answer goes on, to its end; not where it was stopped, or judges are to be heard
    /// first
    boolean end() {
        watch.end();
        if (!told(watch.next())) return false;
        if (!shown) watch.judgeAll();
        askJudges();
        attemptEnded = awaitsJudges();
        if (attemptEnded) return false;
        showAll();
        return true;
    }

    /// Shows what waits, though more would be known later.
    void showAll() {
        while (!queue.isEmpty()) showFirst();
    }

    /// Shows what comes before a broken rule, and nothing else: not that a choice ended either.
    void showBefore(Stop stop) {
        int from = stop.match().from();
        while (!queue.isEmpty()) {
            Held first = queue.getFirst();
            boolean cut = first.parts().stream().anyMatch(part -> part.text() == stop.text() && part.end() > from);
            if (!cut && first.ends().isEmpty()) {
                showFirst();
                continue;
            }
            byte[] rest = first.upTo(cut ? from : Integer.MAX_VALUE);
            if (rest != null) show(EntryKind.EVENT, rest, 0, rest.length, true);
            if (cut) return;
            queue.removeFirst();
        }
    }

    /// What came and was not shown.
    List<byte[]> notShown() {
        return queue.stream().map(Held::bytes).toList();
    }

    /// The choices whose end was not shown; 0 where nothing came.
    List<Integer> unfinished() {
        BitSet open = deltas.choices();
        if (open.isEmpty()) open.set(0);
        open.andNot(ended);
        return open.stream().boxed().toList();
    }

    /// Nothing is watched any more.
    void close() {
        over = true;
        stopTimers();
    }

    private void stopTimers() {
        hearings.forEach(Runnable::run);
        hearings.clear();
        timers.forEach(Loop.Timer::cancel);
        timers.clear();
    }
}
