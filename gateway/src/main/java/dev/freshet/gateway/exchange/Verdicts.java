package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.guard.Contains;
import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.Match;
import dev.freshet.gateway.guard.Rule;
import dev.freshet.gateway.guard.Spend;
import dev.freshet.gateway.guard.Stop;
import dev.freshet.gateway.guard.Watch;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Price;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.route.ModelRouter.Resolution;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides what follows when a guard stops an answer, and remembers it for the report. Owned by the exchange's
/// loop.
final class Verdicts {
    private static final int BYTES_PER_TOKEN = 4;
    private static final int MOST_OF_A_MATCH = 200;
    /// A retry that may have less than this part of the tokens that were asked for is none.
    private static final int LEAST_OF_THE_ANSWER = 4;

    private final Exchanges.Settings settings;
    private final Attempts attempts;
    private final List<Guard> guards;
    private final long beganNanos;
    private final List<GuardNote> notes = new ArrayList<>(1);
    private final Set<String> tried = new HashSet<>();
    private Model model;
    private ChatRequest request;
    private final long limit; // what all attempts may cost, by the price of the first; Long.MAX_VALUE for any
    private int begun = 1;

    /// What follows.
    sealed interface Reaction {
        /// Somebody is asked again.
        record Again(Model model, ChatRequest request) implements Reaction {}

        record End(Guard.Action action) implements Reaction {}
    }

    /// @param request as its client sent it
    Verdicts(
            Exchanges.Settings settings,
            Attempts attempts,
            List<Guard> guards,
            Model model,
            ChatRequest request,
            long beganNanos) {
        this.settings = settings;
        this.attempts = attempts;
        this.guards = guards;
        this.model = model;
        Map<String, String> members = pushedDown(request);
        if (!request.stream()) members.put("stream", "true"); // the whole is put together from it
        this.request = request.changed(null, members);
        this.beganNanos = beganNanos;
        Long most = mostOutput(model, request);
        limit = most == null ? Long.MAX_VALUE : (long) (settings.guards().spendFactor() * cost(model, request, most));
    }

    /// What the provider can do itself: it stops exactly, and its count is exact.
    private Map<String, String> pushedDown(ChatRequest asked) {
        Map<String, String> members = new LinkedHashMap<>();
        List<String> stops = new ArrayList<>();
        for (Guard guard : guards) {
            for (Spend spend : guard.spends())
                if (spend.tokens() != null) members.putAll(asked.limitedTo(spend.tokens()));
            if (truncatesOnly(guard)) {
                for (Rule rule : guard.rules())
                    if (rule.check() instanceof Contains contains
                            && rule.bounds().equals(Rule.Bounds.NONE)) stops.addAll(contains.phrases());
            }
        }
        if (!stops.isEmpty()) members.putAll(asked.stoppedAt(stops));
        return members;
    }

    /// Whether a broken rule never does anything but end the answer before it.
    private static boolean truncatesOnly(Guard guard) {
        return guard.then().retry() == null
                && guard.then().otherwise() == Guard.Action.TRUNCATE
                && guard.then().afterRelease() == Guard.Action.TRUNCATE;
    }

    /// The request as it goes to providers.
    ChatRequest request() {
        return request;
    }

    Model model() {
        return model;
    }

    List<GuardNote> notes() {
        return notes;
    }

    /// What was spent before the next attempt.
    Watch.Spent spent() {
        long tokens = attempts.all().stream().mapToLong(Attempts.One::pieces).sum();
        return new Watch.Spent((int) Math.min(tokens, Integer.MAX_VALUE), this::affordable, beganNanos);
    }

    /// How many tokens an attempt may give until all cost so much.
    private long affordable(long nanoUsd) {
        Price price = price(model, request);
        if (price == null) return Long.MAX_VALUE;
        long output = output(price);
        return output == 0 ? Long.MAX_VALUE : (nanoUsd - soFar(1) - price.most(prompt(request), 0)) / output;
    }

    /// Whose stop it is, for reports.
    SavedBy savedBy(Stop stop) {
        return new SavedBy(stop.guard().label(stop.rule()), model.name());
    }

    /// A rule is broken.
    ///
    /// @param shown whether readers have seen some of the answer
    Reaction react(Stop stop, boolean shown) {
        Guard.Then then = stop.guard().then();
        if (!shown && then.retry() != null && stop.kind() != Stop.Kind.PURSE) {
            Reaction.Again again = again(stop, then.retry());
            if (again != null) {
                note(stop, "retried");
                begun++;
                return again;
            }
        }
        Guard.Action action = shown ? then.afterRelease() : then.otherwise();
        note(
                stop,
                switch (action) {
                    case FAIL -> "failed";
                    case TRUNCATE -> "truncated";
                    case PASS -> "passed";
                });
        return new Reaction.End(action);
    }

    private void note(Stop stop, String action) {
        notes.add(new GuardNote(stop, begun, action));
    }

    private Reaction.@Nullable Again again(Stop stop, Guard.Cure cure) {
        if (begun >= settings.guards().attempts()) return null;
        String append = cure.append() == null ? null : filled(cure.append(), stop);
        if (append != null && !request.hasMessages()) return null;
        boolean fresh = tried.add(
                stop.guard().name() + '\0' + stop.rule() + '\0' + append + '\0' + cure.set() + '\0' + cure.model());
        Model asked = cure.model() == null ? model : found(cure.model());
        if (!fresh || asked == null) return null;
        Map<String, String> set = new LinkedHashMap<>(cure.set());
        if (cure.model() != null) set.put("model", ChatRequest.quoted(cure.model()));
        ChatRequest better = affordable(asked, request.changed(append, set));
        if (better == null) return null;
        model = asked;
        request = better;
        return new Reaction.Again(asked, better);
    }

    private @Nullable Model found(String name) {
        return settings.models().resolve(name) instanceof Resolution.Found(Model found) ? found : null;
    }

    private static String filled(String template, Stop stop) {
        String path = stop.match().path();
        String match = stop.words().substring(0, Math.min(stop.words().length(), MOST_OF_A_MATCH));
        return template.replace("{path}", path == null ? "$" : path)
                .replace("{why}", stop.match().why())
                .replace("{rule}", stop.rule())
                .replace("{match}", match);
    }

    /// The request with a limit that keeps all attempts within what they may cost.
    ///
    /// @return null where there is not enough left
    private @Nullable ChatRequest affordable(Model asked, ChatRequest better) {
        Long most = mostOutput(asked, better);
        if (limit == Long.MAX_VALUE || most == null) return better;
        Price price = price(asked, better);
        long output = Math.max(1, price == null ? 1 : output(price));
        long left = (limit - soFar(0) - cost(asked, better, 0)) / (output * better.choices());
        if (left >= most) return better;
        return left < most / LEAST_OF_THE_ANSWER || left < 1 ? null : better.changed(null, better.limitedTo(left));
    }

    /// What the attempts so far cost, by the price of who is asked now.
    ///
    /// @param except how many of the last ones are left out
    private long soFar(int except) {
        long sum = 0;
        List<Attempts.One> all = attempts.all();
        for (int i = 0; i < all.size() - except; i++)
            sum += cost(model, request, all.get(i).pieces());
        return sum;
    }

    /// In nano-dollars; where the price is not known, in tokens.
    private long cost(Model asked, ChatRequest what, long answer) {
        Price price = price(asked, what);
        long answers = answer * what.choices();
        return price == null ? prompt(what) + answers : price.most(prompt(what), answers);
    }

    private static long prompt(ChatRequest what) {
        return what.bytes().length / BYTES_PER_TOKEN;
    }

    private static long output(Price price) {
        return (price.most(0, 1_000) - price.most(0, 0)) / 1_000;
    }

    private @Nullable Long mostOutput(Model asked, ChatRequest what) {
        if (what.maxTokens() != null) return what.maxTokens();
        Price price = price(asked, what);
        return price == null ? null : price.maxOutput();
    }

    private @Nullable Price price(Model asked, ChatRequest what) {
        Target first = asked.targets().getFirst();
        String served = first.model() == null ? what.model() : first.model();
        return settings.prices().find(first.provider(), served, Instant.now());
    }

    /// A provider stopped because of its limit.
    ///
    /// @param at how much of the text there is
    /// @return the rule that gave it the limit; null where that was the client's own
    @Nullable
    Stop usedUp(int at) {
        Long limited = request.maxTokens();
        for (Guard guard : guards) {
            for (Spend spend : guard.spends()) {
                boolean pushed = spend.tokens() != null
                        && limited != null
                        && limited == spend.tokens().longValue();
                if (pushed)
                    return new Stop(
                            guard, spend.id(), Stop.Kind.PURSE, null, new Match(at, at, at, Watch.TOO_MUCH), "");
            }
        }
        return null;
    }

    /// The reason for which choices end that a rule ended.
    static String finishReason(Stop stop) {
        return stop.kind() == Stop.Kind.TEXT ? "content_filter" : "length";
    }
}
