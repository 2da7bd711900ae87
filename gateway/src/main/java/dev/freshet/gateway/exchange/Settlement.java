package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.Errors;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.stream.Claim;
import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.StreamLog;
import dev.freshet.gateway.telemetry.Settled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An exchange's state as others see it, and its end: what it took is found out, its readers are told, what was
/// set aside is given back, and all is written down. Owned by the exchange's loop.
final class Settlement {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private final Exchanges context;
    private final StreamLog log;
    private final Asking asking;
    private final Account account;
    private final Toll toll;
    private final Savings savings;
    private final @Nullable Claim claim;
    private final boolean stream;
    private final long beganNanos;
    private @Nullable Guarding guarding;
    private @Nullable Outcome ending; // as soon as it is known
    private long ended; // in seconds since 1970
    private long firstTokenNanos = -1;

    /// @param stream whether the client gets an event stream
    Settlement(
            Exchanges context,
            StreamLog log,
            Asking asking,
            Account account,
            Toll toll,
            Savings savings,
            boolean stream) {
        this.context = context;
        this.log = log;
        this.asking = asking;
        this.account = account;
        this.toll = toll;
        this.savings = savings;
        this.stream = stream;
        claim = log.head().claim();
        beganNanos = context.loop().nanoTime();
    }

    /// Guards watch, and have something to tell.
    void watch(Guarding by) {
        guarding = by;
    }

    /// The first content is there.
    void firstContent() {
        firstTokenNanos = context.loop().nanoTime() - beganNanos;
    }

    /// Whether the exchange is over, or about to be.
    boolean over() {
        return ending != null;
    }

    /// The stream's state as JSON.
    ///
    /// @param cursor the number of the last entry that it tells of
    byte[] state(long cursor) {
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

    /// Once, whatever happened.
    ///
    /// @param whole the answer of who did not ask for a stream, as far as it is known; else null
    void settle(Outcome outcome, Model model, byte @Nullable [] whole) {
        ending = outcome;
        ended = context.epochSeconds();
        toll.leave();
        asking.stop(outcome);
        long durationNanos = context.loop().nanoTime() - beganNanos;
        Runnable count = () -> account.settle(outcome, whole, () -> finish(outcome, model, whole, durationNanos));
        if (asking.attempts().endSoon()) context.loop().execute(count);
        else count.run();
    }

    /// What it took is known now.
    private void finish(Outcome outcome, Model model, byte @Nullable [] whole, long durationNanos) {
        if (context.closing()) return;
        toll.pay(log.head()); // before anybody is told: who is may ask again at once
        tell(outcome, whole);
        if (claim != null && outcome instanceof Outcome.Completed)
            context.store().complete(claim, log.id());
        long firstToken = firstTokenNanos < 0 ? -1 : firstTokenNanos / NANOS_PER_MILLI;
        Map<SavedBy, Saved> saved = savings.all();
        toll.write(outcome, notes(), saved, new Account.Times(ended, firstToken, durationNanos / NANOS_PER_MILLI));
        saved.forEach(context.telemetry()::saved);
        savings.settled(log.head());
        telemetry(outcome, model, durationNanos);
    }

    /// The terminal entry is the last of all, and says so.
    private void tell(Outcome outcome, byte @Nullable [] whole) {
        Usage usage = account.usage();
        Failure failure = outcome.failure();
        if (failure != null) {
            end(outcome, EntryKind.ERROR, Errors.event(failure, usage));
        } else if (whole != null) {
            byte[] guarded = guarding == null ? null : guarding.whole(usage);
            end(outcome, EntryKind.WHOLE, guarded == null ? whole : guarded);
        } else {
            if (stream && guarding != null) report(guarding, usage);
            end(outcome, EntryKind.DONE, DONE);
        }
    }

    private void end(Outcome outcome, EntryKind kind, byte[] words) {
        log.end(outcome, kind, Objects.requireNonNull(words), state(log.tail() + 2));
    }

    /// What guards did, for who asked for usage.
    private void report(Guarding by, @Nullable Usage usage) {
        if (!by.tellsUsage()) return;
        byte[] chunk = by.report(usage);
        log.append(EntryKind.EVENT, chunk, 0, chunk.length);
    }

    private List<GuardNote> notes() {
        return guarding == null ? List.of() : guarding.notes();
    }

    private void telemetry(Outcome outcome, Model model, long durationNanos) {
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
