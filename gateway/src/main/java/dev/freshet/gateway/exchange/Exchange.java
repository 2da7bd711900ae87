package dev.freshet.gateway.exchange;

import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.Errors;
import dev.freshet.gateway.dialect.openai.EventMeaning;
import dev.freshet.gateway.dialect.openai.HiddenUsage;
import dev.freshet.gateway.dialect.openai.Seam;
import dev.freshet.gateway.dialect.openai.WholeAnswer;
import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.Stop;
import dev.freshet.gateway.meter.Opened;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.StreamId;
import dev.freshet.gateway.model.Timeouts;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.route.ModelRouter.Resolution;
import dev.freshet.gateway.stream.Claim;
import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.LogWriter;
import dev.freshet.gateway.stream.StreamHead;
import dev.freshet.gateway.stream.StreamLog;
import dev.freshet.gateway.telemetry.Settled;
import dev.freshet.gateway.upstream.AttemptEnd;
import dev.freshet.gateway.upstream.AttemptListener;
import dev.freshet.sse.EventView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
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
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    /// What telemetry calls a request that never came to a model.
    private static final Model NOT_RESOLVED = new Model("unknown", List.of(), Timeouts.DEFAULT);

    private final Exchanges context;
    private final Exchanges.Settings settings;
    private final boolean stream;
    private final boolean ids;
    private final @Nullable String guardNames;
    private final @Nullable Claim claim;
    private final StreamLog log;
    private final long beganNanos;
    private final Asking asking;
    private final Account account;
    private final Toll toll;
    private final Asker asker;
    private final Uncommitted uncommitted = new Uncommitted();
    private @Nullable ChatRequest request; // until somebody is asked
    private @Nullable Continuation continuation;
    private @Nullable Guarding guarding; // where guards watch
    private @Nullable Seam seam; // while an attempt goes on with what others began
    private Model model = NOT_RESOLVED;
    private Loop.@Nullable Timer totalTimer;
    private Loop.@Nullable Timer graceTimer;
    private boolean begun;
    private boolean askerLeft;
    private boolean committed;
    private @Nullable Outcome ending; // as soon as it is known
    private long ended; // in seconds since 1970
    private boolean waitsForReader; // a stream of an earlier process, which goes on when somebody comes back
    private long firstTokenNanos = -1;
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
        beganNanos = context.loop().nanoTime();
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
        beganNanos = context.loop().nanoTime();
    }

    StreamLog log() {
        return log;
    }

    void begin() {
        begun = true;
        context.runs(this);
        int running = context.telemetry().began();
        String name = log.head().model();
        Failure refusal = toll.enter(asker::rate);
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
        if (ending != null) return;
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
            if (ending != null) return;
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
            guarding = new Guarding(log, asking, verdicts, guards, context, stream, new Shown());
            guarding.begin();
            wanted = verdicts.request();
        } else if (asked.freshet() != null) {
            wanted = asked.changed(null, Map.of());
        }
        ChatRequest sent = wanted;
        toll.open(GuardsOf.wish(settings, found, sent, guards), asker::rate, failure -> {
            if (ending != null || asking.attempts().count() > 0) return;
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
        committed = true;
        continuation = again;
        if (again != null && found != null) watchAgain(found, again.request());
        Duration grace = log.head().grace();
        if (Continuation.soFar(log).finished()) {
            settle(new Outcome.Completed(), EntryKind.DONE, DONE);
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
        guarding = new Guarding(log, asking, verdicts, guards, context, true, new Shown());
    }

    @Override
    public void joined() {
        if (ending != null) return;
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
        if (readers > 0 || ending != null || context.closing()) return;
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
        if (ending != null) return;
        giveKeyFree();
        asker.refused(failure);
        settle(new Outcome.Cancelled(failure), EntryKind.ERROR, null);
    }

    @Override
    public byte[] state() {
        return state(log.readable());
    }

    private byte[] state(long cursor) {
        return new StreamState(
                        log.head(),
                        asking.attempts(),
                        notes(),
                        account.usage(),
                        account.cost(),
                        ending,
                        ending == null ? null : Long.valueOf(ended),
                        cursor,
                        log.durable())
                .json();
    }

    @Override
    public void event(EventView event, EventMeaning meaning) {
        EntryKind kind = asking.hidesUsage() && meaning == EventMeaning.USAGE
                ? EntryKind.HIDDEN
                : event.multiline() ? EntryKind.MULTILINE_EVENT : EntryKind.EVENT;
        if (guarding != null) watched(guarding, event, kind, meaning);
        else if (committed || meaning == EventMeaning.CONTENT) taken(event, kind, meaning == EventMeaning.CONTENT);
        else if (!wait(event, kind)) tooLarge();
    }

    /// Guards look at an event before anything becomes of it.
    private void watched(Guarding by, EventView event, EntryKind kind, EventMeaning meaning) {
        boolean content = meaning == EventMeaning.CONTENT;
        if (content) asking.content();
        boolean ours = meaning == EventMeaning.USAGE && stream && by.reports() && asking.tellsUsage();
        if (ours) return; // told with the report
        EntryKind shown = kind == EntryKind.HIDDEN ? kind : EntryKind.EVENT;
        if (seam != null) {
            for (byte[] data : seam.take(event)) {
                if (continuation != null) continuation.goesOn();
                boolean inside = asking.usageToHideInside();
                take(by, shown, inside ? HiddenUsage.without(data, 0, data.length) : data, content);
            }
        } else if (asking.usageToHideInside()) {
            take(by, shown, withoutUsage(event), content);
        } else if (!by.take(kind, event.array(), event.offset(), event.length(), content, settings.maxSize())) {
            tooLarge();
        }
    }

    private void take(Guarding by, EntryKind kind, byte[] data, boolean content) {
        if (ending == null && !by.take(kind, data, 0, data.length, content, settings.maxSize())) tooLarge();
    }

    /// What guards let pass, and what else becomes of an answer that they watch.
    private final class Shown implements Guarding.Answer {
        @Override
        public void put(EntryKind kind, byte[] array, int offset, int length, boolean content) {
            if (ending != null) return;
            if (!committed && !content) {
                if (!uncommitted.add(kind, Arrays.copyOfRange(array, offset, offset + length), settings.maxSize()))
                    tooLarge();
                return;
            }
            if (!committed) commit();
            if (!log.append(kind, array, offset, length)) tooLarge();
        }

        @Override
        public void again(Model other, ChatRequest better) {
            uncommitted.clear();
            model = other;
            continuation = Continuation.of(other, better);
            seam = null;
        }

        @Override
        public void truncated() {
            if (ending == null) complete();
        }

        @Override
        public void failed(Stop stop) {
            conclude(Failures.guardStopped(stop));
        }

        @Override
        public void batchEnd() {
            Exchange.this.batchEnd();
        }
    }

    /// Keeps an event until the commit.
    private boolean wait(EventView event, EntryKind kind) {
        if (!asking.usageToHideInside()) return uncommitted.add(kind, event, settings.maxSize());
        return uncommitted.add(EntryKind.EVENT, withoutUsage(event), settings.maxSize());
    }

    private void taken(EventView event, EntryKind kind, boolean content) {
        if (!committed) commit();
        if (content) asking.content();
        if (seam != null) join(seam, event, kind == EntryKind.HIDDEN);
        else if (asking.usageToHideInside()) append(EntryKind.EVENT, withoutUsage(event));
        else if (!log.append(kind, event.array(), event.offset(), event.length())) tooLarge();
    }

    private static byte[] withoutUsage(EventView event) {
        return HiddenUsage.without(event.array(), event.offset(), event.length());
    }

    private void join(Seam joining, EventView event, boolean hidden) {
        boolean inside = asking.usageToHideInside();
        for (byte[] data : joining.take(event)) {
            if (continuation != null) continuation.goesOn();
            append(
                    hidden ? EntryKind.HIDDEN : EntryKind.EVENT,
                    inside ? HiddenUsage.without(data, 0, data.length) : data);
        }
    }

    private void append(EntryKind kind, byte[] data) {
        if (ending == null && !log.append(kind, data, 0, data.length)) tooLarge();
    }

    private void commit() {
        committed = true;
        asking.committed();
        firstTokenNanos = context.loop().nanoTime() - beganNanos;
        uncommitted.moveTo(log);
        asker.head();
    }

    @Override
    public void batchEnd() {
        if (committed) log.publish();
    }

    @Override
    public void whole(byte[] body) {
        whole = body;
        asking.reported(WholeAnswer.usage(body));
    }

    @Override
    public void ended(AttemptEnd end) {
        if (context.closing()) return;
        if (guarding != null && !committed && end instanceof AttemptEnd.Failed) guarding.discard();
        if (asking.ended(end)) {
            uncommitted.clear();
            if (guarding != null) guarding.begin();
            return;
        }
        switch (end) {
            case AttemptEnd.Completed _ -> completed();
            case AttemptEnd.Failed failed -> {
                if (committed && goOn(failed.failure())) return;
                if (committed && guarding != null) guarding.showAll();
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
        if (seam == null) able.notFirst(asking.attempts().provider());
        Failure first = able.broke(failure);
        Continuation.Step step = able.next(log, asking.attempts()::sum);
        if (step == null) {
            conclude(first);
        } else {
            account.broke();
            seam = step.seam();
            if (guarding != null) guarding.goOn();
            asking.goOn(step, model);
        }
        return true;
    }

    private void completed() {
        byte[] rest = seam == null ? null : seam.end();
        if (guarding != null && rest != null) take(guarding, EntryKind.EVENT, rest, true);
        if (guarding != null && (ending != null || !guarding.end())) return;
        if (!committed) commit();
        if (guarding == null && rest != null) append(EntryKind.EVENT, rest);
        complete();
    }

    private void complete() {
        if (!committed) commit();
        if (ending != null) return;
        if (guarding != null) whole = guarding.whole(null);
        if (whole == null) settle(new Outcome.Completed(), EntryKind.DONE, DONE);
        else settle(new Outcome.Completed(), EntryKind.WHOLE, whole);
    }

    private void tooLarge() {
        conclude(Failures.tooLarge(settings.maxSize()));
    }

    private void overtime() {
        conclude(Failures.overtime(model.timeouts().total()));
    }

    private void conclude(Failure failure) {
        if (ending != null) return;
        Failure told = Failures.withPatience(failure);
        giveKeyFree();
        asker.refused(told);
        settle(new Outcome.Failed(told), EntryKind.ERROR, null);
    }

    /// Before anybody is told: who is may ask again at once.
    private void giveKeyFree() {
        if (claim != null) context.store().release(claim, log.id());
    }

    /// Once, whatever happened: from here on nothing is asked for, and nothing appended.
    ///
    /// @param lastWords what the readers see last; null for the failure
    private void settle(Outcome outcome, EntryKind lastKind, byte @Nullable [] lastWords) {
        if (ending != null) return;
        ending = outcome;
        ended = context.epochSeconds();
        context.ended(this);
        toll.leave();
        asking.stop(outcome);
        asker.stopWaiting();
        if (totalTimer != null) totalTimer.cancel();
        if (graceTimer != null) graceTimer.cancel();
        if (guarding != null) guarding.close();
        continuation = null;
        request = null;
        long durationNanos = context.loop().nanoTime() - beganNanos;
        account.settle(outcome, whole, () -> finish(outcome, lastKind, lastWords, durationNanos));
    }

    /// What it took is known now.
    private void finish(Outcome outcome, EntryKind lastKind, byte @Nullable [] lastWords, long durationNanos) {
        if (context.closing()) return;
        Usage usage = account.usage();
        Failure failure = outcome.failure();
        toll.pay(log.head()); // before anybody is told: who is may ask again at once
        byte[] words = lastWords == null && failure != null ? Errors.event(failure, usage) : lastWords;
        if (guarding != null && lastKind == EntryKind.WHOLE) words = guarding.whole(usage);
        if (guarding != null && stream && failure == null) report(guarding, usage);
        // The terminal entry is the last of all, and says so.
        log.end(outcome, lastKind, Objects.requireNonNull(words), state(log.tail() + 2));
        if (claim != null && outcome instanceof Outcome.Completed)
            context.store().complete(claim, log.id());
        long firstToken = firstTokenNanos < 0 ? -1 : firstTokenNanos / NANOS_PER_MILLI;
        toll.write(outcome, notes(), new Account.Times(ended, firstToken, durationNanos / NANOS_PER_MILLI));
        telemetry(outcome, durationNanos);
    }

    /// What guards did, for who asked for usage.
    private void report(Guarding by, @Nullable Usage usage) {
        if (!by.reports() || !asking.tellsUsage()) return;
        byte[] chunk = by.report(usage);
        log.append(EntryKind.EVENT, chunk, 0, chunk.length);
    }

    private List<GuardNote> notes() {
        return guarding == null ? List.of() : guarding.notes();
    }

    private void telemetry(Outcome outcome, long durationNanos) {
        for (GuardNote note : notes()) context.telemetry().guarded(note.rule(), note.action());
        context.telemetry()
                .settled(new Settled(
                        log.id(),
                        model.name(),
                        asking.attempts().provider(),
                        asking.attempts().count(),
                        outcome,
                        firstTokenNanos,
                        durationNanos,
                        log.tail(),
                        log.bytes(),
                        account.usage(),
                        account.cost()));
    }
}
