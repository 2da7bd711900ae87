package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.Errors;
import dev.freshet.gateway.dialect.openai.EventMeaning;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.StreamId;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Timeouts;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.route.ModelRouter.Resolution;
import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.LogReader;
import dev.freshet.gateway.stream.StreamLog;
import dev.freshet.gateway.telemetry.Settled;
import dev.freshet.gateway.upstream.Attempt;
import dev.freshet.gateway.upstream.AttemptEnd;
import dev.freshet.gateway.upstream.AttemptListener;
import dev.freshet.gateway.upstream.Call;
import dev.freshet.sse.EventView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The journey of one request, from its first attempt to its settlement. Owned by one event loop.
///
/// Until the commit point (the first content) events wait in [Uncommitted], and a failure may lead to the next
/// target. From then on they go into the log, and a failure ends the stream. The response's head leaves with
/// the commit, or after a while without.
public final class Exchange implements AttemptListener {
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    /// What telemetry calls a request that never came to a model.
    private static final Model NOT_RESOLVED = new Model("unknown", List.of(), Timeouts.DEFAULT);

    private final Exchanges context;
    private final String modelName;
    private final boolean stream;
    private @Nullable ChatRequest request; // until the commit: it may be large, and a stream is held for long
    private final @Nullable String callerKey;
    private final Exchanges.Settings settings;
    private final Downstream downstream;
    private final StreamLog log;
    private final Uncommitted uncommitted = new Uncommitted();
    private final long beganNanos;
    private Model model = NOT_RESOLVED;
    private int attempts;
    private @Nullable Attempt attempt;
    private Loop.@Nullable Timer headTimer;
    private Loop.@Nullable Timer totalTimer;
    private boolean headLeft;
    private boolean committed;
    private boolean settled;
    private long firstTokenNanos = -1;
    private byte @Nullable [] whole;

    Exchange(
            Exchanges context,
            Exchanges.Settings settings,
            ChatRequest request,
            @Nullable String callerKey,
            Downstream downstream) {
        this.context = context;
        this.settings = settings;
        this.request = request;
        modelName = request.model();
        stream = request.stream();
        this.callerKey = callerKey;
        this.downstream = downstream;
        log = new StreamLog(StreamId.random(), settings.maxSize());
        beganNanos = context.loop().nanoTime();
    }

    void begin() {
        int running = context.telemetry().began();
        if (running > settings.running()) {
            conclude(overloaded());
        } else if (settings.models().waitsFor(modelName)) {
            settings.models().catalog().complete().thenRun(() -> context.loop().execute(this::resolve));
        } else {
            resolve();
        }
    }

    private void resolve() {
        if (settled) return;
        switch (settings.models().resolve(modelName)) {
            case Resolution.Unknown unknown -> conclude(unknown.failure());
            case Resolution.Found found -> {
                model = found.model();
                totalTimer = context.loop().after(model.timeouts().total(), this::overtime);
                if (stream) headTimer = context.loop().after(settings.headAfter(), this::letHeadLeave);
                attempt();
            }
        }
    }

    private static Failure overloaded() {
        return Failure.of(
                        FailureCode.OVERLOADED, "Too many streams are running (limits.streams); try again in a moment.")
                .withRetryAfter(Duration.ofSeconds(1))
                .asRetryable();
    }

    public StreamLog log() {
        return log;
    }

    /// A reader leaves. The last one takes the stream with it: the provider is told to stop.
    public void leave(LogReader reader) {
        if (log.leave(reader) == 0) cancel();
    }

    /// Ends the exchange because nobody waits for it any more.
    public void cancel() {
        if (settled) return;
        stopAttempt();
        Failure failure =
                Failure.of(FailureCode.STREAM_CANCELLED, "The stream was stopped: nobody was reading it any more.");
        settle(new Outcome.Cancelled(), EntryKind.ERROR, Errors.event(failure));
    }

    private void attempt() {
        Target target = model.targets().get(attempts++);
        ChatRequest asked = Objects.requireNonNull(request);
        Call call =
                new Call(target, asked.bytesFor(target), stream, model.timeouts(), callerKey, settings.maxEvent(), (int)
                        Math.min(settings.maxSize(), Integer.MAX_VALUE));
        attempt = context.upstream().start(call, this);
    }

    private String provider() {
        return attempts == 0
                ? "none"
                : model.targets().get(attempts - 1).provider().name();
    }

    @Override
    public void event(EventView event, EventMeaning meaning) {
        EntryKind kind = event.multiline() ? EntryKind.MULTILINE_EVENT : EntryKind.EVENT;
        if (!committed && meaning != EventMeaning.CONTENT) {
            if (!uncommitted.add(kind, event, settings.maxSize())) tooLarge();
            return;
        }
        if (!committed) commit();
        if (!log.append(kind, event.array(), event.offset(), event.length())) tooLarge();
    }

    private void commit() {
        committed = true;
        request = null;
        firstTokenNanos = context.loop().nanoTime() - beganNanos;
        uncommitted.moveTo(log);
        letHeadLeave();
    }

    @Override
    public void batchEnd() {
        if (committed) log.publish();
    }

    @Override
    public void whole(byte[] body) {
        whole = body;
    }

    @Override
    public void ended(AttemptEnd end) {
        attempt = null;
        switch (end) {
            case AttemptEnd.Completed _ -> completed();
            case AttemptEnd.Failed failed -> {
                if (!committed
                        && failed.anotherMayServe()
                        && attempts < model.targets().size()) again();
                else conclude(failed.failure());
            }
        }
    }

    private void again() {
        uncommitted.clear();
        attempt();
    }

    private void completed() {
        if (!committed) commit();
        if (whole == null) settle(new Outcome.Completed(), EntryKind.DONE, DONE);
        else settle(new Outcome.Completed(), EntryKind.WHOLE, whole);
    }

    private void tooLarge() {
        stopAttempt();
        conclude(Failure.of(
                FailureCode.STREAM_TOO_LARGE,
                "The answer grew over " + settings.maxSize() + " bytes; raise streams.max_size, or ask for less."));
    }

    private void overtime() {
        stopAttempt();
        conclude(Failure.of(
                        FailureCode.UPSTREAM_TIMEOUT,
                        "The answer took longer than "
                                + model.timeouts().total().toSeconds() + " s; raise timeouts.total, or ask for less.")
                .asBillable());
    }

    private void conclude(Failure failure) {
        if (settled) return;
        if (!headLeft) downstream.refused(failure);
        settle(new Outcome.Failed(failure), EntryKind.ERROR, Errors.event(failure));
    }

    private void letHeadLeave() {
        if (headLeft) return;
        headLeft = true;
        if (headTimer != null) headTimer.cancel();
        downstream.head(new Head(log, modelName, provider(), attempts));
    }

    private void stopAttempt() {
        if (attempt != null) attempt.cancel();
        attempt = null;
    }

    /// Once, whatever happened.
    private void settle(Outcome outcome, EntryKind lastKind, byte[] lastWords) {
        if (settled) return;
        settled = true;
        if (headTimer != null) headTimer.cancel();
        if (totalTimer != null) totalTimer.cancel();
        log.end(outcome, lastKind, lastWords);
        context.telemetry()
                .settled(new Settled(
                        log.id(),
                        model.name(),
                        provider(),
                        attempts,
                        outcome,
                        firstTokenNanos,
                        context.loop().nanoTime() - beganNanos,
                        log.tail(),
                        log.bytes()));
    }
}
