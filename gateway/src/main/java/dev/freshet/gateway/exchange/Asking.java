package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.Transcript;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Secret;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.route.AttemptPlan;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.StreamLog;
import dev.freshet.gateway.upstream.Attempt;
import dev.freshet.gateway.upstream.AttemptEnd;
import dev.freshet.gateway.upstream.AttemptListener;
import dev.freshet.gateway.upstream.Call;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Asks targets for an exchange's answer, one after another: until the commit as the plan says, and with
/// each of a provider's keys; afterwards only to go on with what others began. Owned by the exchange's
/// loop.
final class Asking {
    private static final int MOST_LOOKED_AT = 4_000;

    private final Exchanges context;
    private final Exchanges.Settings settings;
    private Who who;
    private final StreamLog log;
    private final AttemptListener listener;
    private final Attempts attempts = new Attempts();
    private @Nullable Begun begun; // until the commit: the request may be large, and a stream is held for long
    private @Nullable Target asked;
    private @Nullable Secret key; // of the operator's, which the attempt carries
    private final List<Secret> keysTried = new ArrayList<>(0);
    private @Nullable Attempt attempt;
    private Attempts.@Nullable One current;
    private Loop.@Nullable Timer backoff;
    private String askedModel = ""; // by its name, where a target has none of its own
    private boolean hidesUsage; // the client did not ask for it, but the provider was asked

    /// For whom.
    ///
    /// @param callerKey the client's own Bearer, for providers that are asked with it
    /// @param stream whether an event stream is asked for
    /// @param usageAsked whether the client wants to be told what the answer takes
    record Who(@Nullable String callerKey, boolean stream, boolean usageAsked) {}

    /// What is asked, in which order.
    private record Begun(ChatRequest request, Model model, List<Target> order, AttemptPlan plan) {}

    /// @param listener is told of each attempt's events, and of its end
    Asking(Exchanges context, Exchanges.Settings settings, Who who, StreamLog log, AttemptListener listener) {
        this.context = context;
        this.settings = settings;
        this.who = who;
        this.log = log;
        this.listener = listener;
    }

    /// What was asked so far, and what became of it.
    Attempts attempts() {
        return attempts;
    }

    /// The answer is asked for as an event stream, though its client gets it whole.
    void asStream() {
        who = new Who(who.callerKey(), true, true);
    }

    /// Asks the first target.
    void begin(Model model, ChatRequest request) {
        askedModel = request.model();
        List<Target> order = context.health().reordered(model.inTurn(context.random()));
        AttemptPlan plan = new AttemptPlan(order.size(), model.retry(), context.random());
        begun = new Begun(request, model, order, plan);
        ask(begun, plan.first());
    }

    /// The first content came: nobody else is asked for the answer's beginning.
    void committed() {
        begun = null;
    }

    private void ask(Begun what, AttemptPlan.Step step) {
        Target target = what.order().get(step.target());
        if (step.delay().isZero()) ask(what, target);
        else backoff = context.loop().after(step.delay(), () -> ask(what, target));
    }

    private void ask(Begun what, Target target) {
        ask(target, what.request().bytesFor(target), what.model());
    }

    /// Asks a target to go on with an answer.
    void goOn(Continuation.Step step, Model model) {
        backoff = context.loop().after(step.delay(), () -> ask(step.target(), step.body(), model));
    }

    private void ask(Target target, byte[] body, Model model) {
        keysTried.clear();
        ask(
                target,
                body,
                model,
                context.keys().choose(target.provider(), log.head().owner(), keysTried));
    }

    private void ask(Target target, byte[] body, Model model, @Nullable Secret with) {
        asked = target;
        key = with;
        hidesUsage = who.stream() && !who.usageAsked() && target.provider().asksUsage();
        String name = askedModel.isEmpty() ? log.head().model() : askedModel;
        current = attempts.begin(target, name, log.tail() + 1);
        current.total = model.timeouts().total();
        log.note(current.note());
        int maxWhole = (int) Math.min(settings.maxSize(), Integer.MAX_VALUE);
        Call call = new Call(
                target, body, who.stream(), model.timeouts(), bearer(target, key), settings.maxEvent(), maxWhole);
        attempt = context.upstream().start(call, listener);
    }

    /// What a request to a target carries.
    ///
    /// @param with one of the operator's keys; null for none
    @Nullable
    String bearer(Target target, @Nullable Secret with) {
        if (target.provider().auth() instanceof Provider.Auth.Caller) return who.callerKey();
        return with == null ? null : with.value();
    }

    /// Whose stream it is.
    Owner owner() {
        return log.head().owner();
    }

    /// The beginning of what an attempt said, in its first answer.
    ///
    /// @param more what came of it behind what is known here
    String said(Attempts.One one, List<byte[]> more) {
        Transcript transcript = new Transcript();
        LogCursor cursor = log.fromStart();
        long last = attempts.last(one, log.tail());
        while (cursor.number() < Math.min(last, one.from + MOST_LOOKED_AT) && cursor.next(last))
            if (cursor.number() >= one.from) transcript.add(cursor.array(), cursor.offset(), cursor.length());
        for (List<byte[]> events : List.of(one.discarded, one.underWay, more))
            for (byte[] event : events.subList(0, Math.min(events.size(), MOST_LOOKED_AT)))
                transcript.add(event, 0, event.length);
        List<String> answers = transcript.answers();
        return answers.isEmpty() ? "" : answers.getFirst();
    }

    /// Whether the client is told what its streamed answer takes.
    boolean tellsUsage() {
        return who.usageAsked();
    }

    /// A piece of content came.
    void content() {
        if (current != null) current.contents++;
    }

    /// Whether what the answer takes is to be kept from the client.
    boolean hidesUsage() {
        return hidesUsage;
    }

    /// Whether the event that is being told has some inside of it.
    boolean usageToHideInside() {
        return hidesUsage && attempt != null && attempt.usageInside();
    }

    /// What the whole answer takes, as it says itself.
    void reported(@Nullable Usage usage) {
        if (current == null) return;
        current.reported = usage;
        current.fresh = usage != null;
    }

    /// An attempt ended: what it tells of its target and its key is learnt.
    ///
    /// @return whether somebody else is asked
    boolean ended(AttemptEnd end) {
        note(end);
        Target target = asked;
        if (target == null) return false;
        if (!(end instanceof AttemptEnd.Failed failed)) {
            context.health().learn(target, null);
            return false;
        }
        Failure failure = failed.failure();
        if (context.keys().learn(target.provider(), key, failure) && askWithAnotherKey(target)) return true;
        context.health().learn(target, failure);
        return askNext(failed);
    }

    private void note(AttemptEnd end) {
        Attempt over = attempt;
        attempt = null;
        if (current == null || over == null) return;
        if (current.reported == null) current.reported = over.usage();
        context.telemetry().unreadable(attempts.provider(), over.unreadableEvents());
        current.fresh = over.usageFresh() || current.fresh;
        current.sent = over.sent();
        current.atRisk = end instanceof AttemptEnd.Failed failed && failed.atRisk() && over.sent();
        current.outcome = switch (end) {
            case AttemptEnd.Completed _ -> Attempts.COMPLETED;
            case AttemptEnd.Failed failed -> failed.failure().code().wireName();
        };
    }

    /// Nothing was billed: the same target is asked at once, once with each of its keys.
    private boolean askWithAnotherKey(Target target) {
        if (begun == null || key == null) return false;
        keysTried.add(key);
        Secret another = context.keys().choose(target.provider(), log.head().owner(), keysTried);
        if (another == null) return false;
        ask(target, begun.request().bytesFor(target), begun.model(), another);
        return true;
    }

    private boolean askNext(AttemptEnd.Failed failed) {
        if (begun == null) return false;
        AttemptPlan.Step step =
                begun.plan().next(failed.remedy(), failed.failure().retryAfter());
        if (step == null) return false;
        ask(begun, step);
        return true;
    }

    private static void stopped(Attempts.One one, Attempt attempt, boolean failed) {
        one.reported = attempt.usage();
        one.fresh = attempt.usageFresh();
        one.sent = attempt.sent();
        one.atRisk = attempt.sent() && failed;
    }

    /// Lets go of whoever is asked, or was asked last, because of what came: the exchange goes on. Who
    /// takes it ends it.
    ///
    /// @param word for the attempt's outcome
    /// @return null where it had ended
    @Nullable
    Attempt release(String word) {
        Attempt under = attempt;
        if (under != null && current != null) stopped(current, under, false);
        attempt = null;
        if (current != null) current.outcome = word;
        return under;
    }

    /// Stops whoever is asked: the exchange is over.
    void stop(Outcome outcome) {
        if (attempt != null) {
            if (current != null) stopped(current, attempt, outcome instanceof Outcome.Failed);
            attempt.cancel();
        }
        attempt = null;
        if (backoff != null) backoff.cancel();
        begun = null;
        if (current != null && current.outcome.equals(Attempts.RUNNING)) current.outcome = outcome.word();
    }
}
