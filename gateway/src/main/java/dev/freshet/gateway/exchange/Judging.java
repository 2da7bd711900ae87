package dev.freshet.gateway.exchange;

import dev.freshet.gateway.access.Purse;
import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.EventMeaning;
import dev.freshet.gateway.dialect.openai.Judgement;
import dev.freshet.gateway.dialect.openai.PromptText;
import dev.freshet.gateway.dialect.openai.WholeAnswer;
import dev.freshet.gateway.guard.Judge;
import dev.freshet.gateway.guard.Question;
import dev.freshet.gateway.guard.Stop;
import dev.freshet.gateway.model.Budget;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Price;
import dev.freshet.gateway.model.Secret;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.route.ModelRouter.Resolution;
import dev.freshet.gateway.upstream.Attempt;
import dev.freshet.gateway.upstream.AttemptEnd;
import dev.freshet.gateway.upstream.AttemptListener;
import dev.freshet.gateway.upstream.Call;
import dev.freshet.sse.EventView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks other models what they think of an answer. Whatever becomes of a judge, it is heard, or given up when
/// its time is over. Owned by the exchange's loop.
final class Judging {
    static final int BYTES_PER_TOKEN = 4;
    private static final int MOST_SAID = 64 << 10;
    private static final Duration DAY = Duration.ofDays(1);

    private final Exchanges context;
    private final Exchanges.Settings settings;
    private final Asking asking;
    private final byte[] request; // that the answer is to
    private final Bill bill;
    private @Nullable Question decided; // the last one that a judge decided against the answer

    /// Pays for a judge.
    @FunctionalInterface
    interface Bill {
        /// @param label the rule's, for reports
        /// @param audit whether it was asked because of an audit, for which no client pays
        void pay(String label, Asked asked, boolean audit);
    }

    /// What a judge took.
    ///
    /// @param nanoUsd null where the price is not known
    record Asked(
            String model,
            String provider,
            Usage usage,
            @Nullable Long nanoUsd) {}

    Judging(Exchanges context, Exchanges.Settings settings, Asking asking, byte[] request, Bill bill) {
        this.context = context;
        this.settings = settings;
        this.asking = asking;
        this.request = request;
        this.bill = bill;
    }

    /// Asks a judge.
    ///
    /// @param told later, on the loop, unless it is given up before: why the answer is to be stopped, or null
    /// @return gives it up
    Runnable ask(Question question, Consumer<@Nullable String> told) {
        return new Hearing(question, false, score -> {
                    String why = why(question.judge(), score);
                    if (why != null) decided = question;
                    told.accept(why);
                })
                .begin(question.beginning());
    }

    private static @Nullable String why(Judge judge, @Nullable Double score) {
        if (score == null) return judge.stopsUnheard() ? "its judge was not heard" : null;
        return score > judge.stopAbove() ? "its judge finds it off track (" + score + ")" : null;
    }

    /// Whether a judge led to a stop.
    boolean decides(Stop stop) {
        return stop.guard().judges().stream().anyMatch(judge -> judge.id().equals(stop.rule()));
    }

    /// Has the judge that led to a stop look again, at the whole answer.
    Held.Checked again(Attempts.One one) {
        Question question = Objects.requireNonNull(decided);
        return (rest, told) -> new Hearing(
                        question,
                        true,
                        score -> told.accept(
                                score != null && score <= question.judge().stopAbove()))
                .begin(asking.said(one, rest));
    }

    /// One call of a judge.
    private final class Hearing implements AttemptListener {
        private final Question question;
        private final Judge judge;
        private final boolean audit;
        private final Consumer<@Nullable Double> told;
        private @Nullable Attempt attempt;
        private Loop.@Nullable Timer timer;
        private @Nullable Target target;
        private byte @Nullable [] said;
        private long promptTokens;
        private long reserved;
        private boolean over;

        Hearing(Question question, boolean audit, Consumer<@Nullable Double> told) {
            this.question = question;
            judge = question.judge();
            this.audit = audit;
            this.told = told;
        }

        Runnable begin(String answer) {
            Model model =
                    settings.models().resolve(judge.model()) instanceof Resolution.Found(Model found) ? found : null;
            ChatRequest wanted = Judgement.request(
                    judge.model(), judge.question(), PromptText.read(request).last(), answer);
            promptTokens = wanted.bytes().length / BYTES_PER_TOKEN;
            if (model == null || !ask(model, wanted)) context.loop().execute(() -> heard(null));
            return this::giveUp;
        }

        private boolean ask(Model model, ChatRequest wanted) {
            List<Target> order = context.health().reordered(model.inTurn(context.random()));
            Target first = order.getFirst();
            target = first;
            if (!reserve(wanted)) return false;
            Secret key = context.keys().choose(first.provider(), asking.owner(), List.of());
            Call call = new Call(
                    first,
                    wanted.bytesFor(first),
                    false,
                    model.timeouts(),
                    asking.bearer(first, key),
                    settings.maxEvent(),
                    MOST_SAID);
            timer = context.loop().after(judge.timeout(), this::tooLate);
            attempt = context.upstream().start(call, this);
            return true;
        }

        /// Without a price there is no budget that could be kept.
        private boolean reserve(ChatRequest wanted) {
            Budget budget = judge.budget();
            if (budget == null) return true;
            Price price = price();
            if (price == null) return false;
            long most = price.most(wanted.bytes().length, Judgement.MOST_TOKENS);
            if (purse().reserve(budget, today(), most) != Purse.Answer.TAKEN) return false;
            reserved = most;
            return true;
        }

        private Purse purse() {
            return context.rules().purse(label());
        }

        private String label() {
            return question.guard().label(judge.id());
        }

        private long today() {
            return Math.floorDiv(context.epochSeconds(), DAY.toSeconds());
        }

        private String served() {
            Target asked = Objects.requireNonNull(target);
            return asked.model() == null ? judge.model() : asked.model();
        }

        private @Nullable Price price() {
            Target asked = Objects.requireNonNull(target);
            Instant now = Instant.ofEpochSecond(context.epochSeconds());
            return settings.prices().find(asked.provider(), served(), now);
        }

        private void tooLate() {
            giveUp();
            told.accept(null);
        }

        /// Nobody wants to know any more.
        private void giveUp() {
            if (over) return;
            over = true;
            close();
        }

        private void heard(@Nullable Double score) {
            if (over) return;
            over = true;
            close();
            told.accept(score);
        }

        private void close() {
            if (timer != null) timer.cancel();
            Attempt asked = attempt;
            if (asked == null) return;
            asked.cancel();
            Usage usage = said == null ? null : WholeAnswer.usage(said);
            if (usage == null && asked.sent()) usage = Usage.estimated(promptTokens, said == null ? 0 : 1);
            pay(usage);
        }

        private void pay(@Nullable Usage usage) {
            Price price = usage == null ? null : price();
            Long nanoUsd = price == null || usage == null
                    ? null
                    : Long.valueOf(price.of(usage, Instant.ofEpochSecond(context.epochSeconds())));
            if (judge.budget() != null) purse().settle(today(), reserved, nanoUsd == null ? 0 : nanoUsd);
            Target asked = Objects.requireNonNull(target);
            if (usage != null)
                bill.pay(label(), new Asked(judge.model(), asked.provider().name(), usage, nanoUsd), audit);
        }

        @Override
        public void event(EventView event, EventMeaning meaning) {}

        @Override
        public void batchEnd() {}

        @Override
        public void whole(byte[] body) {
            said = body;
        }

        @Override
        public void ended(AttemptEnd end) {
            if (target != null) context.health().learn(target, end.failure());
            byte[] body = said;
            heard(end instanceof AttemptEnd.Completed && body != null ? Judgement.score(body) : null);
        }
    }
}
