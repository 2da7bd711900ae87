package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.AnswerSoFar;
import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.PutTogether;
import dev.freshet.gateway.dialect.openai.Truncation;
import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.Question;
import dev.freshet.gateway.guard.Stop;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.StreamLog;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What guards make of an exchange: which events are shown, when somebody is asked again, and how an answer
/// ends that was stopped. Owned by the exchange's loop.
final class Guarding implements Guarded.Listener {
    private final StreamLog log;
    private final Asking asking;
    private final Verdicts verdicts;
    private final Guarded guarded;
    private final Savings savings;
    private final Judging judging;
    private final Answer answer;
    private final @Nullable PutTogether whole; // the answer, for who gets it whole
    private boolean usedUp; // in this attempt

    /// What becomes of the exchange.
    interface Answer {
        void put(EntryKind kind, byte[] array, int offset, int length, boolean content);

        /// Somebody is asked for the answer from its beginning.
        void again(Model model, ChatRequest request);

        /// All that is shown was put.
        void truncated();

        void failed(Stop stop);

        /// All that is shown was put, and the provider had ended the answer before.
        void judged();

        void batchEnd();
    }

    /// @param guards that watch
    /// @param stream whether the client gets an event stream
    Guarding(
            StreamLog log,
            Asking asking,
            Verdicts verdicts,
            List<Guard> guards,
            Exchanges context,
            boolean stream,
            Spending spending,
            Answer answer) {
        this.log = log;
        this.asking = asking;
        this.verdicts = verdicts;
        this.answer = answer;
        savings = spending.savings();
        judging = spending.judging();
        savings.judgedBy(judging);
        whole = stream ? null : new PutTogether();
        String name = verdicts.request().model();
        guarded = new Guarded(guards, context.counter().tokenizer(name), context.loop(), !stream, this);
        if (!stream) asking.asStream();
    }

    /// What is spent and saved because of guards.
    record Spending(Savings savings, Judging judging) {}

    Verdicts verdicts() {
        return verdicts;
    }

    List<GuardNote> notes() {
        return verdicts.notes();
    }

    /// An attempt begins: nothing of an earlier one is shown any more.
    void begin() {
        usedUp = false;
        guarded.begin(verdicts.spent());
    }

    /// The answer is gone on with, from what the log has of it.
    void goOn() {
        guarded.goOn(log, verdicts.spent());
    }

    /// Takes an event.
    ///
    /// @param limit of what may be held back, in bytes
    /// @return whether it fitted below the limit
    boolean take(EntryKind kind, byte[] array, int offset, int length, boolean content, long limit) {
        return guarded.take(kind, array, offset, length, content, limit);
    }

    @Override
    public @Nullable Stop usedUp(int at) {
        Stop stop = usedUp ? null : verdicts.usedUp(at);
        usedUp = true;
        return stop;
    }

    @Override
    public void shown(EntryKind kind, byte[] array, int offset, int length, boolean content) {
        if (whole == null) answer.put(kind, array, offset, length, content);
        else whole.add(Arrays.copyOfRange(array, offset, offset + length));
    }

    @Override
    public boolean stopped(Stop stop) {
        SavedBy by = verdicts.savedBy(stop);
        return switch (verdicts.react(stop, guarded.shown())) {
            case Verdicts.Reaction.Again(Model model, ChatRequest request) -> {
                leave(stop, by);
                savings.caused(by);
                answer.again(model, request);
                asking.begin(model, request);
                yield false;
            }
            case Verdicts.Reaction.End(Guard.Action action) ->
                switch (action) {
                    case PASS -> true;
                    case TRUNCATE -> {
                        truncate(stop, by);
                        yield false;
                    }
                    case FAIL -> {
                        leave(stop, by);
                        answer.failed(stop);
                        yield false;
                    }
                };
        };
    }

    /// The provider is told to stop, and what it gave and nobody will see is remembered, to be counted.
    private void leave(Stop stop, SavedBy by) {
        savings.stopped(stop, by);
        discard();
    }

    /// What the attempt gave and nobody will see is remembered, to be counted.
    void discard() {
        Attempts.One one = asking.attempts().last();
        if (one != null) one.discarded = guarded.notShown();
    }

    private void truncate(Stop stop, SavedBy by) {
        savings.stopped(stop, by);
        guarded.showBefore(stop);
        discard();
        byte[] last = Truncation.finish(named(), guarded.unfinished(), Verdicts.finishReason(stop));
        shown(EntryKind.EVENT, last, 0, last.length, true);
        answer.truncated();
    }

    @Override
    public Runnable judge(Question question, Consumer<@Nullable String> told) {
        return judging.ask(question, told);
    }

    @Override
    public void judged() {
        answer.judged();
    }

    @Override
    public void batchEnd() {
        answer.batchEnd();
    }

    /// The attempt has ended well.
    ///
    /// @return whether the answer has ended with it
    boolean end() {
        return guarded.end();
    }

    /// Shows what waits: the answer broke off, and no rule did.
    void showAll() {
        guarded.showAll();
    }

    void close() {
        guarded.close();
        discard(); // what was held back came all the same
    }

    private boolean reports() {
        return !notes().isEmpty();
    }

    /// Whether the client of a stream is told what the answer takes by [#report], and not by the provider's
    /// chunk.
    boolean tellsUsage() {
        return whole == null && reports() && asking.tellsUsage();
    }

    /// The chunk that tells of it, with what all attempts took.
    byte[] report(@Nullable Usage usage) {
        return Truncation.usage(named(), usage, json -> StreamState.notes(json, notes()));
    }

    /// The whole answer, as far as it was put together; null for who gets a stream.
    ///
    /// @param usage of all attempts; null where that is not known yet
    byte @Nullable [] whole(@Nullable Usage usage) {
        if (whole == null) return null;
        return reports() ? whole.json(usage, json -> StreamState.notes(json, notes())) : whole.json(usage, null);
    }

    /// The answer's name, as its first chunk has it.
    private AnswerSoFar named() {
        AnswerSoFar first = new AnswerSoFar();
        LogCursor cursor = log.fromStart();
        while (!first.named() && cursor.next(log.tail())) first.add(cursor.array(), cursor.offset(), cursor.length());
        first.name(
                "chatcmpl-" + log.id().value(), log.head().created(), log.head().model());
        return first;
    }
}
