package dev.freshet.gateway.exchange;

import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.Stop;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.stream.StreamHead;
import dev.freshet.gateway.upstream.Attempt;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What guards save in one exchange, and what they cost. It closes the answers that they stop, or lets them
/// run on unseen: a random share of those whose rest is credited, to find out what the others avoid; and all
/// of a provider that bills on, where the operator wants its exact count. Owned by the exchange's loop.
///
/// Only the first answer's rest is credited: a retry would not have been without the guard.
final class Savings {
    private static final long PRECISION = 1L << 30;

    private final Exchanges context;
    private final Exchanges.Settings settings;
    private final Asking asking;
    private final Map<SavedBy, Saved> judged = new HashMap<>();
    private @Nullable Judging judging;

    Savings(Exchanges context, Exchanges.Settings settings, Asking asking) {
        this.context = context;
        this.settings = settings;
        this.asking = asking;
    }

    /// Judges are asked, and cost something.
    void judgedBy(Judging by) {
        judging = by;
    }

    /// A guard stops the answer that is under way, if it still is.
    ///
    /// @param by the rule, and the model that was asked
    void stopped(Stop stop, SavedBy by) {
        Attempts.One one = asking.attempts().last();
        if (one == null) return;
        one.stopper = by;
        Attempt attempt = asking.release(Attempts.STOPPED);
        if (attempt == null) return; // it had ended
        Provider provider = one.provider;
        boolean stops = provider != null && provider.abort().credited();
        one.credited = stops && one.cause == null;
        boolean readOn = provider != null && !stops && provider.readOn();
        if (readOn || (one.credited && drawn(stop)))
            one.held = new Held(context, settings, one, attempt, checked(stop, one));
        afterThisRead(one, attempt);
    }

    /// What came with the same read as the reason for a stop was under way: it is billed as what came before.
    private void afterThisRead(Attempts.One one, Attempt attempt) {
        LastRead read = new LastRead(one);
        one.endsSoon = true;
        attempt.handOver(read);
        context.loop().execute(() -> {
            one.endsSoon = false;
            if (one.held == null) attempt.cancel();
            else one.held.begin(read.ended());
        });
    }

    /// Whether a judge was mistaken shows when the answer is whole.
    private Held.@Nullable Checked checked(Stop stop, Attempts.One one) {
        boolean judged = one.credited && judging != null && judging.decides(stop);
        return judged && judging != null ? judging.again(one) : null;
    }

    /// A purse is a limit, and no opinion: it is kept.
    private boolean drawn(Stop stop) {
        Guard.Audit audit = stop.guard().audit();
        if (audit == null || stop.kind() == Stop.Kind.PURSE || context.ledger() == null) return false;
        return context.random().applyAsLong(PRECISION) < audit.holdout() * PRECISION;
    }

    /// What is asked from now on is asked because of a rule.
    void caused(SavedBy by) {
        asking.attempts().cause = by;
    }

    /// A judge was asked.
    void judged(SavedBy by, Usage usage, @Nullable Long nanoUsd) {
        judged.merge(by, Saved.ofJudge(usage.total(), nanoUsd), Saved::plus);
    }

    /// All that is known at the exchange's end, when it is known what each attempt took.
    Map<SavedBy, Saved> all() {
        Map<SavedBy, Saved> all = new HashMap<>(judged);
        for (Attempts.One one : asking.attempts().all()) {
            if (one.stopper != null)
                all.merge(one.stopper, Saved.ofStop(one.credited, one.credited && one.held != null), Saved::plus);
            if (one.cause != null && one.charged != null)
                all.merge(one.cause, Saved.ofRetry(one.charged.total(), one.cost), Saved::plus);
        }
        return all;
    }

    /// The exchange is about to end. Who leaves would have left the answer that is held out, too; but what is
    /// billed to its end is read to its end.
    void ending(Outcome outcome) {
        if (!(outcome instanceof Outcome.Cancelled)) return;
        for (Attempts.One one : asking.attempts().all()) if (one.credited && one.held != null) one.held.cut();
        Attempts.One last = asking.attempts().last();
        if (last == null || last.provider == null || !last.provider.readOn()) return;
        Attempt attempt = asking.release(outcome.word());
        if (attempt == null) return;
        last.held = new Held(context, settings, last, attempt, null);
        last.held.begin(false);
    }

    /// The exchange was settled and written: what runs on is written when it has ended.
    void settled(StreamHead head) {
        for (Attempts.One one : asking.attempts().all()) if (one.held != null) one.held.settled(head);
    }
}
