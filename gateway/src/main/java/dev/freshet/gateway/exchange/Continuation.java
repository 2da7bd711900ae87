package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.AnswerSoFar;
import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.Seam;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Prefill;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.StreamLog;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Going on with an answer that broke in the middle, with targets that can (`continue: prefill`). Owned by the
/// exchange's loop.
final class Continuation {
    /// How often an answer is gone on with, in all.
    private static final int MAX = 3;

    private static final Duration BASE = Duration.ofMillis(200);

    private final List<Target> targets;
    private final ChatRequest request;
    private int begun;
    private int at;
    private @Nullable Failure broken;

    private Continuation(List<Target> targets, ChatRequest request) {
        this.targets = targets;
        this.request = request;
    }

    /// What it takes to go on with a request's answer; null where that is not wanted, or can not be.
    static @Nullable Continuation of(Model model, ChatRequest request) {
        if (!model.continues() || !request.canContinue()) return null;
        List<Target> able = model.targets().stream()
                .filter(target -> target.provider().prefill() != null)
                .toList();
        return able.isEmpty() ? null : new Continuation(able, request);
    }

    ChatRequest request() {
        return request;
    }

    /// The answer broke: the first time that it did is what is told if nobody can go on with it.
    Failure broke(Failure failure) {
        if (broken == null) broken = failure;
        return broken;
    }

    /// The answer goes on: what broke it is mended.
    void goesOn() {
        broken = null;
    }

    /// One step of going on.
    ///
    /// @param delay before it is taken: exponential, with full jitter
    record Step(Target target, byte[] body, Seam seam, Duration delay) {}

    /// @param sum from a continuation's usage to that of the whole answer
    /// @return null where there is none left, or where the answer is not one that can be gone on with
    @Nullable
    Step next(StreamLog log, UnaryOperator<Usage> sum) {
        if (begun == MAX) return null;
        AnswerSoFar answer = soFar(log);
        if (!answer.canContinue()) return null;
        Target target = targets.get(at++ % targets.size());
        Prefill prefill = Objects.requireNonNull(target.provider().prefill());
        byte[] body = request.bytesFor(target, prefill, answer);
        if (body == null) return null;
        long most = BASE.toMillis() << begun++;
        Duration delay = Duration.ofMillis(ThreadLocalRandom.current().nextLong(most + 1));
        return new Step(asked(target), body, new Seam(answer, sum), delay);
    }

    /// What a log has of its answer. On the log's loop.
    static AnswerSoFar soFar(StreamLog log) {
        AnswerSoFar answer = new AnswerSoFar();
        LogCursor cursor = log.fromStart();
        while (cursor.next(log.tail())) answer.add(cursor.array(), cursor.offset(), cursor.length());
        return answer;
    }

    /// Asks another target than the one that broke first, where there is one.
    void notFirst(String brokenProvider) {
        for (int i = 0; i < targets.size(); i++) {
            if (targets.get(i).provider().name().equals(brokenProvider)) at = i + 1;
        }
    }

    private static Target asked(Target target) {
        return new Target(
                target.provider().forPrefill(),
                target.model(),
                target.set(),
                target.drop(),
                target.rename(),
                target.weight());
    }
}
