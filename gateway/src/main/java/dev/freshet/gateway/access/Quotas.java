package dev.freshet.gateway.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Budget;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// How much each key takes, and each owner with all of its keys: requests and tokens a minute, streams at
/// once, money a day or month. Where no key is asked for nothing is limited. Thread-safe.
///
/// A request takes its place first ([#take]), and, when it is known who will answer, the most that it can
/// cost ([#reserve]). Its [Lease] gives back what it did not use, whatever became of it.
public final class Quotas {
    private static final long DAY = 86_400;
    private static final Duration TOKENS_KEPT = Duration.ofHours(3);

    private final LongSupplier nanoTime;
    private final LongSupplier epochSeconds;
    private final IntSupplier usualStreams;
    private final Function<String, @Nullable Allowance> owners;
    private final Map<String, Spender> spenders = new ConcurrentHashMap<>();
    /// By their ids, for longer than any of them lives.
    private final Cache<String, Spender> tokens =
            Caffeine.newBuilder().expireAfterAccess(TOKENS_KEPT).build();

    /// @param nanoTime monotonic time, for rates
    /// @param epochSeconds wall-clock time, for days and months
    /// @param usualStreams how many may run at once with a key that has no limit of its own
    /// @param owners what an owner may with all of its keys; null where that has no limit
    public Quotas(
            LongSupplier nanoTime,
            LongSupplier epochSeconds,
            IntSupplier usualStreams,
            Function<String, @Nullable Allowance> owners) {
        this.nanoTime = nanoTime;
        this.epochSeconds = epochSeconds;
        this.usualStreams = usualStreams;
        this.owners = owners;
    }

    /// What was answered.
    public sealed interface Answer {
        @Nullable
        Rate rate();

        /// @param rate how what is limited by the minute stands; null where nothing is
        record Granted(Lease lease, @Nullable Rate rate) implements Answer {}

        record Refused(Failure failure, @Nullable Rate rate) implements Answer {}
    }

    /// How requests, or tokens, a minute stand.
    ///
    /// @param remaining how many may come at once
    /// @param reset until all of them may
    public record Rate(int limit, int remaining, Duration reset) {}

    /// A key, an owner, or a token of minutes.
    private static final class Spender {
        private final AtomicInteger running = new AtomicInteger();
        private final CellRate requests = new CellRate();
        private final CellRate tokens = new CellRate();
        private final Purse purse = new Purse();
    }

    /// Whose limits a request meets.
    private record Limited(String who, Spender spender, Allowance allowance, int streams) {}

    /// What a request holds, until it is given back. Owned by the request's loop; settling it reaches others.
    public final class Lease {
        private final List<Limited> all;
        private long tokens;
        private long nanoUsd;
        private boolean placed = true;
        private boolean settled;

        private Lease(List<Limited> all) {
            this.all = all;
        }

        /// Gives the place back; a second call does nothing.
        public void giveBack() {
            if (!placed) return;
            placed = false;
            for (Limited one : all) one.spender().running.decrementAndGet();
        }

        /// Gives back what was reserved and not used, and notes what was; a second call does nothing.
        ///
        /// @param usedTokens of the prompt and the answer
        /// @param spent in nano-dollars
        public void settle(long usedTokens, long spent) {
            giveBack();
            if (settled) return;
            settled = true;
            for (Limited one : all) {
                Integer tpm = one.allowance().tpm();
                if (tpm != null) one.spender().tokens.settle(tpm, tokens, usedTokens, nanoTime.getAsLong());
                one.spender().purse.settle(today(), one.allowance().budget() == null ? 0 : nanoUsd, spent);
            }
        }

        /// Whether it is limited how much the request takes, in tokens or money.
        public boolean measured() {
            return budgeted() || all.stream().anyMatch(one -> one.allowance().tpm() != null);
        }

        /// Whether anybody's money is limited.
        public boolean budgeted() {
            return all.stream().anyMatch(one -> one.allowance().budget() != null);
        }
    }

    /// Takes a request's place, where there is one, and counts the request.
    public Answer take(Caller caller) {
        List<Limited> all = limited(caller);
        Lease lease = new Lease(all);
        int taken = 0;
        for (Limited one : all) {
            taken++;
            if (one.spender().running.incrementAndGet() > one.streams()) {
                for (Limited other : all.subList(0, taken))
                    other.spender().running.decrementAndGet();
                return new Answer.Refused(tooMany(one), null);
            }
        }
        return rated(all, lease);
    }

    private Answer rated(List<Limited> all, Lease lease) {
        Rate tightest = null;
        List<Limited> counted = new ArrayList<>(all.size());
        for (Limited one : all) {
            Integer rpm = one.allowance().rpm();
            if (rpm == null) continue;
            CellRate.Answer answer = one.spender().requests.take(rpm, 1, nanoTime.getAsLong());
            if (!answer.delay().isZero()) {
                for (Limited other : counted) giveRequestBack(other);
                lease.giveBack();
                return new Answer.Refused(tooFast(one, answer.delay()), answer.rate());
            }
            counted.add(one);
            tightest = tighter(tightest, answer.rate());
        }
        return new Answer.Granted(lease, tightest);
    }

    private void giveRequestBack(Limited one) {
        Integer rpm = one.allowance().rpm();
        if (rpm != null) one.spender().requests.settle(rpm, 1, 0, nanoTime.getAsLong());
    }

    private static Rate tighter(@Nullable Rate one, Rate other) {
        return one == null || other.remaining() < one.remaining() ? other : one;
    }

    /// Sets aside the most that a request can take, all of it or nothing.
    ///
    /// @param tokens of the prompt and the answer; what is more than a minute's worth counts as that
    /// @param nanoUsd what they cost at most
    public Answer reserve(Lease lease, long tokens, long nanoUsd) {
        Rate tightest = null;
        List<Limited> taken = new ArrayList<>(lease.all.size());
        for (Limited one : lease.all) {
            Failure refusal = null;
            Rate rate = null;
            Integer tpm = one.allowance().tpm();
            if (tpm != null) {
                CellRate.Answer answer = one.spender().tokens.take(tpm, tokens, nanoTime.getAsLong());
                rate = answer.rate();
                tightest = tighter(tightest, rate);
                if (!answer.delay().isZero()) refusal = tooManyTokens(one, answer.delay());
            }
            if (refusal == null) {
                refusal = reserveMoney(one, nanoUsd);
                if (refusal != null && tpm != null) one.spender().tokens.settle(tpm, tokens, 0, nanoTime.getAsLong());
            }
            if (refusal != null) {
                for (Limited other : taken) giveBack(other, tokens, nanoUsd);
                return new Answer.Refused(refusal, rate);
            }
            taken.add(one);
        }
        lease.tokens = tokens;
        lease.nanoUsd = nanoUsd;
        return new Answer.Granted(lease, tightest);
    }

    private @Nullable Failure reserveMoney(Limited one, long nanoUsd) {
        Budget budget = one.allowance().budget();
        if (budget == null) return null;
        Purse.Answer answer = one.spender().purse.reserve(budget, today(), nanoUsd);
        return answer == Purse.Answer.TAKEN ? null : exhausted(one, budget, nanoUsd, answer);
    }

    private void giveBack(Limited one, long tokens, long nanoUsd) {
        Integer tpm = one.allowance().tpm();
        if (tpm != null) one.spender().tokens.settle(tpm, tokens, 0, nanoTime.getAsLong());
        if (one.allowance().budget() != null) one.spender().purse.settle(today(), nanoUsd, 0);
    }

    private List<Limited> limited(Caller caller) {
        if (caller.key() == null) return List.of();
        List<Limited> all = new ArrayList<>(2);
        Integer own = caller.allowance().streams();
        all.add(new Limited(
                "This key",
                spender("key:" + caller.key()),
                caller.allowance(),
                own == null ? usualStreams.getAsInt() : own));
        Allowance owner = owners.apply(caller.owner().name());
        if (owner != null) {
            Integer streams = owner.streams();
            Spender all2 = spender("owner:" + caller.owner().name());
            all.add(new Limited("This key's owner", all2, owner, streams == null ? Integer.MAX_VALUE : streams));
        }
        BrowserToken.Used token = caller.token();
        if (token != null && token.budget() != null) {
            Allowance allowance =
                    new Allowance(List.of(), null, null, null, new Budget(token.budget(), Budget.Period.EVER));
            Spender spender = tokens.get(token.id(), _ -> new Spender());
            all.add(new Limited("This token", spender, allowance, Integer.MAX_VALUE));
        }
        return all;
    }

    private Spender spender(String id) {
        return spenders.computeIfAbsent(id, _ -> new Spender());
    }

    private long today() {
        return Math.floorDiv(epochSeconds.getAsLong(), DAY);
    }

    /// What was spent before this process began, in nano-dollars.
    ///
    /// @param kind `key`, `owner` or `token`
    public void restore(String kind, Budget.Period period, Map<String, Long> spent) {
        spent.forEach((id, amount) -> {
            Spender who = kind.equals("token") ? tokens.get(id, _ -> new Spender()) : spender(kind + ":" + id);
            who.purse.restore(today(), period, amount);
        });
    }

    /// What a stream of an earlier process came to.
    ///
    /// @param key null where none was asked for
    public void spent(@Nullable String key, String owner, long nanoUsd) {
        if (key == null) return;
        spender("key:" + key).purse.settle(today(), 0, nanoUsd);
        if (owners.apply(owner) != null) spender("owner:" + owner).purse.settle(today(), 0, nanoUsd);
    }

    /// How somebody's money stands.
    ///
    /// @param spent in this period, in nano-dollars
    /// @param reserved for what is under way
    /// @param resets in seconds since 1970; null where it never does
    public record Standing(
            String of,
            Budget budget,
            long spent,
            long reserved,
            @Nullable Long resets) {}

    /// How the money of a caller's key, owner and token stand, where they have budgets.
    public List<Standing> standings(Caller caller) {
        List<Standing> all = new ArrayList<>();
        for (Limited one : limited(caller)) {
            Budget budget = one.allowance().budget();
            if (budget == null) continue;
            Purse purse = one.spender().purse;
            Long resets = budget.period() == Budget.Period.EVER
                    ? null
                    : Long.valueOf(budget.period().end(today()) * DAY);
            String of = one.who().equals("This key") ? "key" : one.who().equals("This token") ? "token" : "owner";
            all.add(new Standing(of, budget, purse.spent(budget.period(), today()), purse.reserved(), resets));
        }
        return all;
    }

    private static Failure tooMany(Limited one) {
        return Failure.of(
                        FailureCode.RATE_LIMITED,
                        one.who() + " has " + one.streams()
                                + " streams running, which is all that it may; try again when one has ended.")
                .withRetryAfter(Duration.ofSeconds(1))
                .asRetryable();
    }

    private static Failure tooFast(Limited one, Duration wait) {
        return Failure.of(
                        FailureCode.RATE_LIMITED,
                        one.who() + " may ask " + one.allowance().rpm()
                                + " times a minute; try again when Retry-After is over.")
                .withRetryAfter(wait)
                .asRetryable();
    }

    private static Failure tooManyTokens(Limited one, Duration wait) {
        return Failure.of(
                        FailureCode.RATE_LIMITED,
                        one.who() + " may take " + one.allowance().tpm()
                                + " tokens a minute, and this request could take more than are left; try again when"
                                + " Retry-After is over, or ask with a smaller max_tokens.")
                .withRetryAfter(wait)
                .asRetryable();
    }

    private Failure exhausted(Limited one, Budget budget, long most, Purse.Answer why) {
        String may = one.who() + " may spend " + dollars(budget.nanoUsd())
                + switch (budget.period()) {
                    case DAY -> " a day";
                    case MONTH -> " a month";
                    case EVER -> "";
                };
        String costs = ", and this request could cost " + dollars(most);
        return switch (why) {
            case NEVER, TAKEN ->
                Failure.of(FailureCode.BUDGET_EXHAUSTED, may + costs + "; ask with a smaller max_tokens.");
            case WHEN_OTHERS_END ->
                Failure.of(
                                FailureCode.BUDGET_EXHAUSTED,
                                may + costs + ", which what is under way may not leave; try again when it has ended.")
                        .withRetryAfter(Duration.ofSeconds(1))
                        .asRetryable();
            case SPENT -> {
                Failure spent = Failure.of(
                        FailureCode.BUDGET_EXHAUSTED,
                        may + costs + ", which is more than is left; ask with a smaller max_tokens, or later.");
                yield budget.period() == Budget.Period.EVER
                        ? spent
                        : spent.withRetryAfter(
                                Duration.ofSeconds(budget.period().secondsLeft(epochSeconds.getAsLong())));
            }
        };
    }

    private static String dollars(long nanoUsd) {
        return "$"
                + BigDecimal.valueOf(nanoUsd, 9)
                        .setScale(6, RoundingMode.UP)
                        .stripTrailingZeros()
                        .toPlainString();
    }
}
