package dev.freshet.gateway.model;

import java.math.BigInteger;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a model's tokens cost. Immutable.
///
/// @param rates what they cost where nothing below says otherwise
/// @param tiers what they cost in requests with long prompts, by falling length
/// @param hours when they cost more, or less
/// @param maxOutput the most tokens that an answer can have; null where that is not known
public record Price(
        Rates rates,
        List<Tier> tiers,
        List<Hours> hours,
        @Nullable Long maxOutput) {
    private static final long MILLION = 1_000_000;
    private static final int SAME = 1_000;

    /// In nano-dollars for a million tokens.
    ///
    /// @param cached of the prompt, those that the provider had in a cache; null for what the others cost
    /// @param reasoning of the completion, those that the model thought with; null for what the others cost
    public record Rates(
            long input,
            @Nullable Long cached,
            long output,
            @Nullable Long reasoning) {
        long cachedInput() {
            return cached == null ? input : cached;
        }

        long thought() {
            return reasoning == null ? output : reasoning;
        }
    }

    /// @param above for prompts of more tokens than that, all of the request's tokens
    public record Tier(long above, Rates rates) {}

    /// Hours of the day with another price.
    ///
    /// @param days on which they begin
    /// @param to when they end; where that is not after `from`, on the next day
    /// @param except days on which they do not begin: holidays
    /// @param thousandths of the usual price
    public record Hours(
            ZoneId zone, Set<DayOfWeek> days, LocalTime from, LocalTime to, Set<LocalDate> except, int thousandths) {
        boolean contain(Instant at) {
            LocalDateTime there = LocalDateTime.ofInstant(at, zone);
            LocalTime time = there.toLocalTime();
            LocalDate today = there.toLocalDate();
            if (from.isBefore(to)) return begin(today) && !time.isBefore(from) && time.isBefore(to);
            return (begin(today) && !time.isBefore(from)) || (begin(today.minusDays(1)) && time.isBefore(to));
        }

        private boolean begin(LocalDate day) {
            return days.contains(day.getDayOfWeek()) && !except.contains(day);
        }
    }

    /// What an answer cost, in nano-dollars, rounded half up.
    ///
    /// @param ended when it did: providers with hours go by that
    public long of(Usage usage, Instant ended) {
        Rates now = rates;
        for (Tier tier : tiers) {
            if (usage.prompt() > tier.above()) {
                now = tier.rates();
                break;
            }
        }
        int thousandths = SAME;
        for (Hours some : hours) if (some.contain(ended)) thousandths = some.thousandths();
        long cached = Math.min(usage.cached(), usage.prompt());
        long reasoning = Math.min(usage.reasoning(), usage.completion());
        BigInteger sum = times(usage.prompt() - cached, now.input())
                .add(times(cached, now.cachedInput()))
                .add(times(usage.completion() - reasoning, now.output()))
                .add(times(reasoning, now.thought()));
        return rounded(sum, thousandths);
    }

    /// The most that so many tokens can cost, at any time.
    public long most(long prompt, long completion) {
        long input = Math.max(rates.input(), rates.cachedInput());
        long output = Math.max(rates.output(), rates.thought());
        for (Tier tier : tiers) {
            if (prompt <= tier.above()) continue;
            input = Math.max(input, Math.max(tier.rates().input(), tier.rates().cachedInput()));
            output = Math.max(
                    output, Math.max(tier.rates().output(), tier.rates().thought()));
        }
        int thousandths = SAME;
        for (Hours some : hours) thousandths = Math.max(thousandths, some.thousandths());
        return rounded(times(prompt, input).add(times(completion, output)), thousandths);
    }

    private static BigInteger times(long tokens, long rate) {
        return BigInteger.valueOf(tokens).multiply(BigInteger.valueOf(rate));
    }

    private static long rounded(BigInteger sum, int thousandths) {
        BigInteger unit = BigInteger.valueOf(MILLION * SAME);
        BigInteger exact = sum.multiply(BigInteger.valueOf(thousandths));
        return exact.add(unit.shiftRight(1))
                .divide(unit)
                .min(BigInteger.valueOf(Long.MAX_VALUE / 4))
                .longValue();
    }
}
