package dev.freshet.gateway.config;

import dev.freshet.gateway.guard.Confidence;
import dev.freshet.gateway.guard.Judge;
import dev.freshet.gateway.guard.Spend;
import dev.freshet.gateway.model.Budget;
import java.time.Duration;
import java.util.Optional;

/// Reads the rules that are of their own kind, because they look at no text: `spend`, `confidence`, `judge`.
/// Stateless.
final class SpecialRules {
    private static final int MOST_JUDGED = 4_096;
    private static final int MOST_ASKED = 4_000;
    private static final Budget NO_BUDGET = new Budget(0, Budget.Period.DAY);

    private SpecialRules() {}

    static Spend spend(String id, Section section) {
        Long usd = section.has("usd")
                ? section.parsed(
                        "usd", 0L, text -> Units.money(text).or(() -> Units.money(text + "usd")), "an amount like 0.02")
                : null;
        Spend spend = new Spend(
                id,
                usd,
                section.has("tokens") ? Integer.valueOf(section.count("tokens", 0)) : null,
                section.has("time") ? section.duration("time", Duration.ZERO) : null,
                section.number("tokens_per_second_below", 0),
                section.has("stall") ? section.duration("stall", Duration.ZERO) : null);
        section.end();
        boolean empty = usd == null && spend.tokens() == null && !spend.timed();
        if (empty) throw section.error("expected usd, tokens, time, tokens_per_second_below or stall");
        return spend;
    }

    static Confidence confidence(String id, Section section) {
        double below = section.parsed(
                "mean_logprob_below",
                0.0,
                text -> text.matches("-\\d{1,3}(\\.\\d{1,6})?")
                        ? Optional.of(Double.parseDouble(text))
                        : Optional.empty(),
                "a natural logarithm below 0, like -1.5");
        if (!section.has("mean_logprob_below")) throw section.error("expected `mean_logprob_below`, like -1.5");
        int over = section.count("over_tokens", Confidence.USUAL_OVER);
        if (over < 1 || over > MOST_JUDGED) throw section.errorAt("over_tokens", "expected 1 to " + MOST_JUDGED);
        section.end();
        return new Confidence(id, below, over);
    }

    static Judge judge(String id, Section section) {
        Judge judge = new Judge(
                id,
                section.required("model"),
                section.count("at_tokens", Judge.USUAL_AT),
                section.duration("timeout", Judge.USUAL_TIMEOUT),
                section.choice("on_timeout", "pass", "pass", "stop").equals("stop"),
                section.number("stop_above", Judge.USUAL_ABOVE),
                section.optional("question").orElse(null),
                section.has("budget")
                        ? section.parsed("budget", NO_BUDGET, Units::budget, "an amount like 1usd/day or 20usd/month")
                        : null);
        if (judge.atTokens() < 1 || judge.atTokens() > MOST_JUDGED)
            throw section.errorAt("at_tokens", "expected 1 to " + MOST_JUDGED);
        if (judge.timeout().isZero()) throw section.errorAt("timeout", "expected more than 0");
        if (judge.stopAbove() >= 1) throw section.errorAt("stop_above", "expected 0 or more, and less than 1");
        String question = judge.question();
        if (question != null && (question.isBlank() || question.length() > MOST_ASKED))
            throw section.errorAt("question", "expected a question of 1 to " + MOST_ASKED + " characters");
        section.end();
        return judge;
    }
}
