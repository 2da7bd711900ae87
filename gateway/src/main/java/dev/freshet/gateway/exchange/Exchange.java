package dev.freshet.gateway.exchange;

import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.EventMeaning;
import dev.freshet.gateway.dialect.openai.WholeAnswer;
import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.Stop;
import dev.freshet.gateway.meter.Opened;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.StreamId;
import dev.freshet.gateway.model.Timeouts;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.route.ModelRouter.Resolution;
import dev.freshet.gateway.stream.Claim;
import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.LogWriter;
import dev.freshet.gateway.stream.StreamHead;
import dev.freshet.gateway.stream.StreamLog;
import dev.freshet.gateway.upstream.AttemptEnd;
import dev.freshet.gateway.upstream.AttemptListener;
import dev.freshet.sse.EventView;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The journey of one request, from its first attempt to its settlement. Owned by one event loop.
///
/// Until the commit point (the first content) events wait in [Uncommitted], and a failure may lead to the
/// next target. From then on they go into the log, and a failure ends the stream, unless the answer may be
/// gone on with ([Continuation]). The response's head leaves with the commit, or after a while without, or
/// at once for who asked for the stream's id.
public final class Exchange implements AttemptListener, LogWriter {
    /// What telemetry calls a request that never came to a model.
    private static final Model NOT_RESOLVED = new Model("unknown", List.of(), Timeouts.DEFAULT);

    private final Exchanges context;
    private final Exchanges.Settings settings;
    private final boolean stream;
    private final boolean ids;
    private final @Nullable String guardNames;
    private final @Nullable Claim claim;
    private final StreamLog log;
    private final Asking asking;
    private final Intake intake;
    private final Account account;
    private final Toll toll;
    private final Asker asker;
    private final Savings savings;
    private final Settlement settlement;
    private @Nullable ChatRequest request; // until somebody is asked
    private @Nullable Continuation continuation;
    private Model model = NOT_RESOLVED;
    private Loop.@Nullable Timer totalTimer;
    private Loop.@Nullable Timer graceTimer;
    private boolean begun;
    private boolean askerLeft;
    private boolean waitsForReader; // a stream of an earlier process, which goes on when somebody comes back
    private byte @Nullable [] whole;

    Exchange(Exchanges context, Exchanges.Settings settings, Asked asked, Downstream downstream) {
        this.context = context;
        this.settings = settings;
        request = asked.request();
        stream = asked.request().stream();
        ids = asked.ids() && stream;
        guardNames = asked.guards();
        claim = asked.claim();
        StreamHead head = new StreamHead(
                StreamId.random(),
                StreamHead.newGen(),
                asked.caller().owner(),
                asked.caller().key(),
                context.epochSeconds(),
                asked.request().model(),
                settings.grace(asked.grace()),
                settings.maxSize(),
                claim);
        log = new StreamLog(head, context.loop(), context.store().budget(), this);
        Asking.Who who =
                new Asking.Who(asked.callerKey(), stream, asked.request().usageAsked());
        asking = new Asking(context, settings, who, log, this);
        account = new Account(context, settings.prices(), log, asking.attempts());
        toll = new Toll(context, settings.prices(), asked.caller(), asked.tag(), account);
        asker = new Asker(ids, log, asking.attempts(), downstream);
        intake = new Intake(log, asking, settings.maxSize(), new Taken());
        savings = new Savings(context, settings, asking);
        settlement = new Settlement(context, log, asking, account, toll, savings, stream);
    }

    /// For a stream of an earlier process.
    ///
    /// @param usageAsked whether its request asked for what the answer takes
    Exchange(Exchanges context, Exchanges.Settings settings, StreamHead head, boolean usageAsked) {
        this.context = context;
        this.settings = settings;
        stream = true;
        ids = true;
        guardNames = null;
        claim = head.claim();
        log = new StreamLog(head, context.loop(), context.store().budget(), this);
        asking = new Asking(context, settings, new Asking.Who(null, stream, usageAsked), log, this);
        account = new Account(context, settings.prices(), log, asking.attempts());
        toll = new Toll(context, settings.prices(), Caller.ANYONE, null, account);
        asker = new Asker(ids, log, asking.attempts(), null);
        intake = new Intake(log, asking, settings.maxSize(), new Taken());
        savings = new Savings(context, settings, asking);
        settlement = new Settlement(context, log, asking, account, toll, savings, stream);
    }

    StreamLog log() {
        return log;
    }

    void begin() {
        begun = true;
        context.runs(this);
        int running = context.telemetry().began();
        String name = log.head().model();
        Failure strained = context.strain();
        Failure refusal = strained != null ? strained : toll.enter(asker::rate);
        if (refusal != null) {
            conclude(refusal);
        } else if (running > settings.running()) {
            conclude(Failures.tooManyStreams());
        } else if (settings.models().waitsFor(name)) {
            settings.models().catalog().complete().thenRun(() -> context.loop().execute(this::resolve));
        } else {
            resolve();
        }
        if (askerLeft) askerLeft();
    }

    private void resolve() {
        if (settlement.over()) return;
        switch (settings.models().resolve(log.head().model())) {
            case Resolution.Unknown unknown -> conclude(unknown.failure());
            case Resolution.Found found -> open(found.model());
        }
    }

    private void open(Model found) {
        ChatRequest wanted = Objects.requireNonNull(request);
        Failure refusal = context.store().refusal();
        if (refusal != null) {
            conclude(refusal);
            return;
        }
        model = found;
        new GuardsOf(context, settings, found, wanted, guardNames).find(toll, (guards, problem) -> {
            if (settlement.over()) return;
            if (problem != null) conclude(problem);
            else pay(found, wanted, guards);
        });
    }

    private void pay(Model found, ChatRequest asked, List<Guard> guards) {
        ChatRequest wanted = asked;
        if (!guards.isEmpty()) {
            Verdicts verdicts = new Verdicts(
                    settings,
                    asking.attempts(),
                    guards,
                    found,
                    asked,
                    context.loop().nanoTime());
            watch(new Guarding(log, asking, verdicts, guards, context, stream, spending(asked), new Shown()))
                    .begin();
            wanted = verdicts.request();
        } else if (asked.freshet() != null) {
            wanted = asked.changed(null, Map.of());
        }
        ChatRequest sent = wanted;
        toll.open(GuardsOf.wish(settings, found, sent, guards), asker::rate, failure -> {
            if (settlement.over() || asking.attempts().count() > 0) return;
            if (failure == null) ask(asked, sent);
            else conclude(failure);
        });
    }

    /// @param asked as the client sent it
    private void ask(ChatRequest asked, ChatRequest wanted) {
        continuation = Continuation.of(model, wanted);
        totalTimer = context.loop().after(model.timeouts().total(), this::overtime);
        if (stream && !ids) asker.headLeavesAfter(context.loop().after(settings.headAfter(), asker::head));
        // Guards of the request's would be forgotten after a crash: then the answer is not gone on with.
        boolean again = continuation != null && guardNames == null && asked.freshet() == null;
        context.store().keep(log, again ? asked.bytes() : null, asker::kept);
        request = null;
        asking.begin(model, wanted);
        if (ids) asker.head();
    }

    /// Goes on with a stream of an earlier process, which has nobody to answer: when a reader comes back
    /// within its grace, where the answer may be gone on with; else it is ended. One whose answer was
    /// finished, and lacks its `[DONE]` only, is complete.
    ///
    /// @param again what it takes to go on; null where that may not be
    void recover(@Nullable Model found, @Nullable Continuation again, List<byte[]> notes, @Nullable Opened opened) {
        begun = true;
        context.telemetry().began();
        if (found != null) model = found;
        for (byte[] note : notes) asking.attempts().restore(note, found);
        asking.attempts().restored(log.tail());
        if (opened != null)
            account.takeOver(opened, again == null ? null : again.request().bytes());
        intake.wasCommitted();
        continuation = again;
        if (again != null && found != null) watchAgain(found, again.request());
        Duration grace = log.head().grace();
        if (Continuation.soFar(log).finished()) {
            settle(new Outcome.Completed());
        } else if (again == null || grace.isZero()) {
            conclude(Failures.interrupted());
        } else {
            waitsForReader = true;
            graceTimer = context.loop().after(grace, () -> conclude(Failures.interrupted()));
        }
    }

    private void watchAgain(Model found, ChatRequest wanted) {
        List<Guard> guards = GuardsOf.configured(settings, found);
        if (guards.isEmpty()) return;
        Verdicts verdicts = new Verdicts(
                settings,
                asking.attempts(),
                guards,
                found,
                wanted,
                context.loop().nanoTime());
        watch(new Guarding(log, asking, verdicts, guards, context, true, spending(wanted), new Shown()));
    }

    private Guarding.Spending spending(ChatRequest asked) {
        Judging judging = new Judging(context, settings, asking, asked.bytes(), this::payJudge);
        return new Guarding.Spending(savings, judging);
    }

    private void payJudge(String rule, Judging.Asked asked, boolean audit) {
        SavedBy by = new SavedBy(rule, model.name());
        if (!settlement.over()) savings.judged(by, asked.usage(), asked.nanoUsd());
        toll.judged(asked, audit, settlement.over() ? by : null);
    }

    private Guarding watch(Guarding guarding) {
        intake.watch(guarding);
        settlement.watch(guarding);
        return guarding;
    }

    @Override
    public void joined() {
        if (settlement.over()) return;
        if (graceTimer != null) graceTimer.cancel();
        graceTimer = null;
        if (!waitsForReader) return;
        waitsForReader = false;
        totalTimer = context.loop().after(model.timeouts().total(), this::overtime);
        if (!goOn(Failures.interrupted())) conclude(Failures.interrupted());
    }

    /// The last reader that leaves takes the stream with it, at once or when its grace is over: the
    /// provider is told to stop. A stream whose head has not left has no grace.
    @Override
    public void left(int readers) {
        if (readers > 0 || settlement.over() || context.closing()) return;
        Duration grace = log.head().grace();
        if (asker.waits() || grace.isZero()) abandon();
        else graceTimer = context.loop().after(grace, this::abandon);
    }

    /// Who asked has gone before the head left.
    public void askerLeft() {
        askerLeft = true;
        if (begun && log.readers() == 0 && !context.closing()) abandon();
    }

    private void abandon() {
        cancel(Failures.abandoned());
    }

    @Override
    public void stop() {
        cancel(Failures.stopped());
    }

    /// The key that began it was revoked.
    void revoked() {
        conclude(Failures.keyRevoked());
    }

    private void cancel(Failure failure) {
        if (settlement.over()) return;
        giveKeyFree();
        asker.refused(failure);
        settle(new Outcome.Cancelled(failure));
    }

    @Override
    public byte[] state() {
        return settlement.state(log.readable());
    }

    @Override
    public void event(EventView event, EventMeaning meaning) {
        intake.event(event, meaning);
    }

    /// What events do to the exchange.
    private final class Taken implements Intake.Told {
        @Override
        public void committed() {
            settlement.firstContent();
            asker.head();
        }

        @Override
        public void goesOn() {
            if (continuation != null) continuation.goesOn();
        }

        @Override
        public void tooLarge() {
            conclude(Failures.tooLarge(settings.maxSize()));
        }
    }

    /// What guards let pass, and what else becomes of an answer that they watch.
    private final class Shown implements Guarding.Answer {
        @Override
        public void put(EntryKind kind, byte[] array, int offset, int length, boolean content) {
            intake.put(kind, array, offset, length, content);
        }

        @Override
        public void again(Model other, ChatRequest better) {
            intake.anew();
            model = other;
            continuation = Continuation.of(other, better);
        }

        @Override
        public void truncated() {
            if (!settlement.over()) complete();
        }

        @Override
        public void failed(Stop stop) {
            conclude(Failures.guardStopped(stop));
        }

        @Override
        public void judged() {
            if (!settlement.over()) complete();
        }

        @Override
        public void batchEnd() {
            intake.batchEnd();
        }
    }

    @Override
    public void batchEnd() {
        intake.batchEnd();
    }

    @Override
    public void whole(byte[] body) {
        whole = body;
        asking.reported(WholeAnswer.usage(body));
    }

    @Override
    public void ended(AttemptEnd end) {
        if (context.closing()) return;
        if (end instanceof AttemptEnd.Failed) intake.attemptFailed();
        if (asking.ended(end)) {
            intake.anew();
            return;
        }
        switch (end) {
            case AttemptEnd.Completed _ -> {
                if (intake.end()) complete();
            }
            case AttemptEnd.Failed failed -> {
                if (intake.committed() && goOn(failed.failure())) return;
                intake.failed();
                conclude(failed.failure());
            }
        }
    }

    /// Has someone go on with the answer.
    ///
    /// @return whether the stream is taken care of
    private boolean goOn(Failure failure) {
        Continuation able = continuation;
        if (able == null) return false;
        if (!intake.joins()) able.notFirst(asking.attempts().provider());
        Failure first = able.broke(failure);
        Continuation.Step step = able.next(log, asking.attempts()::sum);
        if (step == null) {
            intake.failed();
            conclude(first);
        } else {
            account.broke();
            intake.join(step.seam());
            asking.goOn(step, model);
        }
        return true;
    }

    private void complete() {
        intake.commit();
        if (settlement.over()) return;
        Guarding guarding = intake.guarding();
        if (guarding != null) whole = guarding.whole(null);
        settle(new Outcome.Completed());
    }

    private void overtime() {
        conclude(Failures.overtime(model.timeouts().total()));
    }

    private void conclude(Failure failure) {
        if (settlement.over()) return;
        Failure told = Failures.withPatience(failure);
        giveKeyFree();
        asker.refused(told);
        settle(new Outcome.Failed(told));
    }

    /// Before anybody is told: who is may ask again at once.
    private void giveKeyFree() {
        if (claim != null) context.store().release(claim, log.id());
    }

    /// Once, whatever happened: from here on nothing is asked for, and nothing put.
    private void settle(Outcome outcome) {
        if (settlement.over()) return;
        context.ended(this);
        asker.stopWaiting();
        if (totalTimer != null) totalTimer.cancel();
        if (graceTimer != null) graceTimer.cancel();
        intake.close();
        savings.ending(outcome);
        continuation = null;
        request = null;
        settlement.settle(outcome, model, whole);
    }
}
