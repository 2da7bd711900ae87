package dev.freshet.gateway.exchange;

import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.access.Quotas;
import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.meter.Entry;
import dev.freshet.gateway.meter.Extra;
import dev.freshet.gateway.meter.Ledger;
import dev.freshet.gateway.meter.Opened;
import dev.freshet.gateway.meter.Spender;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.PriceList;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.stream.StreamHead;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a request must have before anybody is asked for its answer, and what it pays at its end: its place,
/// the most that it can cost, and its row in the ledger. Owned by the exchange's loop.
final class Toll {
    private final Exchanges context;
    private final PriceList prices;
    private final Caller caller;
    private final @Nullable String tag;
    private final Account account;
    private Quotas.@Nullable Lease lease;
    private @Nullable Spender spender; // once the exchange has its row
    private long judges; // nano-dollars
    private boolean paid;

    /// @param tag for the ledger
    Toll(Exchanges context, PriceList prices, Caller caller, @Nullable String tag, Account account) {
        this.context = context;
        this.prices = prices;
        this.caller = caller;
        this.tag = tag;
        this.account = account;
    }

    /// Takes the request's place.
    ///
    /// @param rates told how what is limited by the minute stands, and its unit
    /// @return why there is none; null where there is
    @Nullable
    Failure enter(BiConsumer<String, Quotas.Rate> rates) {
        Quotas.Answer answer = context.quotas().take(caller);
        if (answer.rate() != null) rates.accept("requests", answer.rate());
        return switch (answer) {
            case Quotas.Answer.Refused refused -> refused.failure();
            case Quotas.Answer.Granted granted -> {
                lease = granted.lease();
                yield null;
            }
        };
    }

    /// Sets aside the most that the request can cost, and opens its row in the ledger.
    ///
    /// @param done told on the loop why that may not be, or null: during this call; where a budget pays, as
    /// soon as the row would be found after a crash
    void open(Most.Wish wish, BiConsumer<String, Quotas.Rate> rates, Consumer<@Nullable Failure> done) {
        ChatRequest request = wish.request();
        Quotas.Lease place = lease;
        Ledger ledger = context.ledger();
        Failure refusal = place == null ? null : reserve(place, wish, rates);
        if (refusal != null || ledger == null || caller.equals(Caller.WARM_UP)) {
            done.accept(refusal);
            return;
        }
        Spender who =
                new Spender(caller.key(), caller.owner().name(), caller.team(), request.user(), tag, caller.tokenId());
        spender = who;
        Opened row =
                account.open(request, who, wish.models().getFirst().targets().getFirst());
        if (place != null && place.budgeted()) {
            ledger.opened(row, written -> onLoop(() -> done.accept(written ? null : Failures.ledgerAway())));
        } else {
            ledger.opened(row, null);
            done.accept(null);
        }
    }

    private void onLoop(Runnable task) {
        try {
            context.loop().execute(task);
        } catch (RejectedExecutionException e) {
            // The gateway is closing, and the loop is gone with all that it owned.
        }
    }

    private @Nullable Failure reserve(Quotas.Lease place, Most.Wish wish, BiConsumer<String, Quotas.Rate> rates) {
        Ledger ledger = context.ledger();
        if (ledger != null && ledger.full()) return Failures.ledgerFull();
        if (!place.measured()) return null;
        Most most = Most.of(wish, prices, Instant.ofEpochSecond(context.epochSeconds()));
        if (place.budgeted()) {
            if (ledger == null) return Failures.noLedger();
            if (!ledger.writable()) return Failures.ledgerAway();
            if (most.unknown() != null) return most.unknown();
        }
        long nanoUsd = most.nanoUsd() == null ? 0 : most.nanoUsd();
        Quotas.Answer answer = context.quotas().reserve(place, most.tokens(), nanoUsd);
        if (answer.rate() != null) rates.accept("tokens", answer.rate());
        return answer instanceof Quotas.Answer.Refused refused ? refused.failure() : null;
    }

    /// Whether the client may ask a model.
    boolean allows(String model) {
        return caller.allowance().allows(model);
    }

    /// The request's place is free again.
    void leave() {
        if (lease != null) lease.giveBack();
    }

    /// A judge took something.
    ///
    /// @param audit whether it was asked for an audit, which the client does not pay
    /// @param late whose it was, where the exchange is written without it; else null
    void judged(Judging.Asked asked, boolean audit, @Nullable SavedBy late) {
        Ledger ledger = context.ledger();
        Spender client = spender;
        if (ledger == null || client == null) return;
        long nanoUsd = asked.nanoUsd() == null ? 0 : asked.nanoUsd();
        if (!audit && !paid) judges += nanoUsd;
        Saved saved = late == null ? Saved.NOTHING : Saved.ofJudge(asked.usage().total(), asked.nanoUsd());
        if (late != null) context.telemetry().saved(late, saved);
        ledger.spent(new Extra(
                context.epochSeconds(),
                audit ? Extra.HOLDOUT : client,
                asked.model(),
                asked.provider(),
                asked.usage(),
                asked.nanoUsd(),
                client.key() == null ? "" : client.key(),
                late,
                saved));
    }

    /// Pays what it came to.
    void pay(StreamHead head) {
        Usage usage = account.usage();
        long spent = judges + (account.cost() == null ? 0 : account.cost());
        paid = true;
        if (lease != null) lease.settle(usage == null ? 0 : usage.total(), spent);
        else context.quotas().spent(head.key(), head.owner().name(), spent);
    }

    /// Writes the row, where the exchange has one.
    void write(Outcome outcome, List<GuardNote> notes, Map<SavedBy, Saved> saved, Account.Times times) {
        Ledger ledger = context.ledger();
        Entry entry = ledger == null ? null : account.entry(outcome, notes, saved, times);
        boolean atOnce = lease != null && lease.budgeted();
        if (ledger != null && entry != null) ledger.settled(entry, atOnce);
    }
}
