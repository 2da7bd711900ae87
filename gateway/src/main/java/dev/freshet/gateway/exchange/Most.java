package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.Judgement;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Price;
import dev.freshet.gateway.model.PriceList;
import dev.freshet.gateway.model.Target;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The most that a request can take and cost, before anybody is asked. Immutable.
///
/// No tokenizer is needed: none makes more tokens of a text than it has bytes, and what JSON adds to the
/// texts is more than what models put around them. Pictures that are named by their address are not in it.
///
/// @param tokens of the prompt, roughly, and of the longest answer
/// @param nanoUsd at most, whoever answers; null where that is not known
/// @param unknown why it is not known; null where it is
record Most(long tokens, @Nullable Long nanoUsd, @Nullable Failure unknown) {
    private static final int BYTES_PER_TOKEN = 4;
    /// What a judge is shown besides the prompt, in bytes: its question, and an answer's beginning.
    private static final long MOST_JUDGED = 24 << 10;
    /// What an answer without any limit is taken to have, for tokens a minute.
    private static final long USUAL_ANSWER = 1_024;

    /// What is asked for, and of whom.
    ///
    /// @param models who may be asked
    /// @param judges who may be asked about each answer
    /// @param factor all attempts cost at most so much more than the dearest one
    /// @param answers how many may be begun
    record Wish(ChatRequest request, List<Model> models, List<Model> judges, double factor, int answers) {}

    static Most of(Wish wish, PriceList prices, Instant now) {
        ChatRequest request = wish.request();
        long prompt = request.bytes().length;
        Long asked = request.maxTokens();
        long most = 0;
        long longest = asked == null ? 0 : asked;
        Failure unknown = null;
        List<Target> targets = wish.models().stream()
                .flatMap(model -> model.targets().stream())
                .toList();
        for (Target target : targets) {
            String served = target.model() == null ? request.model() : target.model();
            Price price = prices.find(target.provider(), served, now);
            Long limit = asked != null ? asked : price == null ? null : price.maxOutput();
            if (limit != null) longest = Math.max(longest, limit);
            if (price == null) {
                unknown = noPrice(served, target.provider().name());
            } else if (limit != null) {
                most = Math.max(most, price.most(prompt, answers(limit, request)));
            } else if (price.most(1, 1) > 0) {
                unknown = noLimit(served);
            }
        }
        long judged = 0;
        for (Model judge : wish.judges()) {
            Price price = price(judge, prices, now);
            if (price == null)
                unknown = noPrice(
                        judge.name(), judge.targets().getFirst().provider().name());
            else judged += price.most(MOST_JUDGED + prompt, Judgement.MOST_TOKENS);
        }
        judged *= (long) wish.answers() * request.choices();
        long answer = longest == 0 ? USUAL_ANSWER : longest;
        return new Most(
                prompt / BYTES_PER_TOKEN + answers(answer, request),
                unknown == null ? Long.valueOf((long) (most * wish.factor()) + judged) : null,
                unknown);
    }

    private static @Nullable Price price(Model judge, PriceList prices, Instant now) {
        Target first = judge.targets().getFirst();
        return prices.find(first.provider(), first.model() == null ? judge.name() : first.model(), now);
    }

    private static long answers(long tokens, ChatRequest request) {
        return Math.min(tokens, Long.MAX_VALUE / 100_000) * request.choices();
    }

    private static Failure noPrice(String model, String provider) {
        return Failure.of(
                        FailureCode.BUDGET_EXHAUSTED,
                        "This key has a budget, and what the model " + model + " of the provider " + provider
                                + " costs is not known; its operator can say so under `prices`.")
                .withParam("model");
    }

    private static Failure noLimit(String model) {
        return Failure.of(
                        FailureCode.BUDGET_EXHAUSTED,
                        "This key has a budget, and how long an answer of the model " + model
                                + " can be is not known; send max_tokens.")
                .withParam("max_tokens");
    }
}
