package dev.freshet.client;

import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// The journey of one call: its attempts, what is tried again, its limits, its end.
///
/// What a failure leads to: a stream of a Freshet gateway is resumed; a request that was not taken is sent
/// again; anything else may have been billed, and ends the attempt. Only where the caller allowed restarts,
/// another attempt follows.
final class Call implements ChatCall, Response.Owner {
    /// How long a gateway has to tell the state of a stream that is over.
    private static final Duration TELLING = Duration.ofMillis(2_500);
    /// How long a gateway has to name a stream that is to be stopped before its head came.
    private static final Duration NAMING = Duration.ofMillis(250);

    private final Session session;
    private final ChatOptions options;
    private final Receiver receiver;
    private final Serial serial = new Serial(this::crashed);
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final long startedAt = System.nanoTime();

    /// The response that closing is enough to stop; read by any thread.
    private volatile @Nullable Response closable;
    /// Somebody has cancelled it; set by any thread.
    private volatile boolean cancelling;

    // touched in `serial` only
    private final Delivery delivery;
    private final List<Answer.Attempt> attempts = new ArrayList<>();
    private ChatRequest request;
    private Attempt now;
    private @Nullable Response response;
    private int tries = 1; // without content in between
    private int restarts;
    private int retries;
    private @Nullable Future<?> watching;
    private @Nullable Future<?> waiting;
    private Answer.@Nullable Ending ending; // how the attempt ended; what is left is to hear what it took
    private @Nullable ChatException failure; // with which the attempt ended
    private boolean over;
    private Runnable ended = () -> {};

    /// One attempt: a POST, and what follows from it.
    private static final class Attempt {
        final long startedAt = System.nanoTime();
        final ChunkReader chunks = new ChunkReader();
        final Assembly assembly;
        String idempotencyKey = UUID.randomUUID().toString();
        String streamId = "";
        String cursor = "";
        Map<String, @Nullable Object> state = Map.of();
        long postedAt; // the last time
        long firstTokenAt; // 0 before it
        long quietSince;
        boolean deaf; // nobody takes what came, so no more is read
        boolean stalled; // it was resumed for its silence, and has said nothing since

        Attempt(int choices) {
            assembly = new Assembly(choices);
        }
    }

    Call(Session session, ChatRequest request, ChatOptions options, Receiver receiver) {
        this.session = session;
        this.request = request;
        this.options = options;
        this.receiver = receiver;
        delivery = new Delivery(receiver);
        now = new Attempt(request.choices());
    }

    void start() {
        serial.execute(this::post);
    }

    /// The receiver wants so many chunks more.
    void request(long count) {
        serial.execute(() -> {
            delivery.request(count);
            handled();
        });
    }

    @Override
    public void cancel() {
        cancelling = true;
        Response plain = closable;
        if (plain != null) plain.close();
        serial.execute(this::cancelled);
    }

    /// Ends the call for a fault of the receiver's.
    void refuse(RuntimeException fault) {
        serial.execute(() -> crashed(fault));
    }

    /// Does something when the call is over, before anybody hears of that. To be said before [#start].
    void ended(Runnable then) {
        ended = then;
    }

    @Override
    public CompletableFuture<Answer> answer() {
        return answer.copy();
    }

    // ---- asking

    private void post() {
        receiver.state(new ChatState.Connecting());
        now.postedAt = System.nanoTime();
        open("", session.chat(request, options, now.idempotencyKey));
    }

    private void resume() {
        open(now.cursor, session.events(now.streamId, now.cursor));
    }

    private void open(String cursor, HttpRequest http) {
        Response opening = new Response(this, session, serial, now.chunks, options, attempts.size() + 1, cursor);
        response = opening;
        closable = session.freshet() && options.resume ? null : opening;
        now.quietSince = System.nanoTime();
        opening.start(http);
        watch();
    }

    // ---- what comes

    @Override
    public void opened(String streamId) {
        if (!streamId.isEmpty()) {
            session.isFreshet();
            if (options.resume) closable = null;
        }
        if (!now.streamId.isEmpty()) {
            receiver.state(new ChatState.Resumed(now.cursor));
            return;
        }
        if (options.resume) now.streamId = streamId;
        if (ending == null) receiver.state(new ChatState.Waiting(streamId));
        else stopServer(); // it was to be stopped before it had a name
    }

    @Override
    public void chunk(Chunk chunk) {
        if (ending != null) return;
        now.assembly.add(chunk);
        boolean content = chunk.hasContent();
        if (content) content();
        delivery.add(chunk);
        StopRule rule = options.stopWhen;
        if (content && rule != null && !over && rule.stop(now.assembly.text(), now.assembly.tokens())) stopped();
    }

    private void content() {
        now.quietSince = System.nanoTime();
        now.stalled = false;
        tries = 1;
        if (now.firstTokenAt == 0) {
            now.firstTokenAt = now.quietSince;
            receiver.state(new ChatState.Streaming());
            watch(); // from here on the limit is another
        }
    }

    @Override
    public void done() {
        if (ending != null) return;
        ending = Answer.Ending.COMPLETED;
        settle();
    }

    @Override
    public void ended(Map<String, @Nullable Object> state) {
        now.state = state;
        if (state.get("usage") instanceof Map<?, ?>) {
            @SuppressWarnings("unchecked") // objects of JSON have names of strings
            Map<String, @Nullable Object> usage = (Map<String, @Nullable Object>) state.get("usage");
            now.assembly.usage(Usage.of(usage));
        }
        if (ending != null) finish();
        else lost(null);
    }

    @Override
    public void failed(ServerError error) {
        if (ending != null) return;
        ending = Answer.Ending.FAILED;
        failure = session.failures.said(error, facts());
        settle();
    }

    /// The attempt has its end. A Freshet gateway says next what it took.
    private void settle() {
        if (now.streamId.isEmpty()) finish();
        else await(TELLING, this::finish);
    }

    @Override
    public void refused(int status, HttpHeaders headers, byte[] body) {
        ChatException why = session.failures.refused(status, headers, body);
        leaveResponse();
        if (ending != null) {
            finish();
        } else if (!now.streamId.isEmpty()) {
            if (status >= 500 || status == 429 || status == 408) again(why, this::resume);
            else attemptFailed(session.failures.truncated("the stream cannot be resumed", why.facts(), why), false);
        } else if (why.retryable() && mayAskAgain(status, headers)) {
            again(why, this::postAnew);
        } else {
            attemptFailed(why, false);
        }
    }

    private boolean mayAskAgain(int status, HttpHeaders headers) {
        return options.retry.statuses().contains(status)
                || headers.firstValue("x-should-retry").orElse("").equals("true");
    }

    @Override
    public void nonsense(String what) {
        ChatException why = session.failures.nonsense(what, facts());
        closeResponse();
        if (ending != null) finish();
        else attemptFailed(why, true);
    }

    @Override
    public void lost(@Nullable Throwable cause) {
        Response broken = response;
        if (broken == null) return;
        if (cancelling && ending == null) {
            cancelled();
            return;
        }
        boolean head = broken.hasHead();
        now.cursor = broken.cursor();
        ChatException why = cause == null
                ? session.failures.truncated("the stream ended", facts(), null)
                : session.failures.broken(cause, head, facts());
        closeResponse();
        if (ending != null) finish();
        else if (now.assembly.finished()) complete();
        else if (!now.streamId.isEmpty()) again(why, this::resume);
        else if (!head && (why instanceof UnreachableException || session.freshet())) again(why, this::post);
        else attemptFailed(why, false);
    }

    @Override
    public void handled() {
        Response reading = response;
        if (reading == null || reading.asked()) return;
        boolean listen = delivery.hungry() || ending != null;
        if (listen && now.deaf) now.quietSince = System.nanoTime(); // silence counts while we listen
        now.deaf = !listen;
        if (listen) reading.more();
    }

    // ---- what follows

    /// Tries something again that does no harm.
    private void again(ChatException why, Runnable what) {
        Duration asked = why.retryAfter().orElse(Duration.ZERO);
        if (tries >= options.retry.tries() || asked.compareTo(options.retry.max()) > 0) {
            attemptFailed(why, true);
            return;
        }
        Duration wait = longer(asked, options.retry.backoff(++tries, session.random));
        receiver.state(new ChatState.Reconnecting(wait, tries, why));
        await(wait, what);
    }

    private void postAnew() {
        now.idempotencyKey = UUID.randomUUID().toString();
        now.streamId = "";
        now.cursor = "";
        post();
    }

    /// @param runs whether the server may still be at it
    private void attemptFailed(ChatException why, boolean runs) {
        if (runs) tellServer();
        closeResponse();
        attempts.add(attempt(Answer.Ending.FAILED, why));
        boolean inTime = why.retryAfter().orElse(Duration.ZERO).compareTo(options.retry.max()) <= 0;
        boolean late = why instanceof TimeLimitException limit && limit.limit() == TimeLimitException.Limit.TOTAL;
        if (restarts < options.restarts && why.retryable() && inTime && !late) {
            restarts++;
            Duration backoff = options.retry.backoff(restarts + 1, session.random);
            restart(longer(why.retryAfter().orElse(Duration.ZERO), backoff), why);
        } else {
            why.came(answer(Answer.Ending.FAILED));
            end(() -> {
                receiver.failed(why);
                answer.completeExceptionally(why);
            });
        }
    }

    /// What came is void; another attempt.
    private void restart(Duration wait, @Nullable ChatException why) {
        delivery.drop();
        now = new Attempt(request.choices());
        tries = 1;
        receiver.state(new ChatState.Restarted(wait, attempts.size() + 1, why));
        await(wait, this::post);
    }

    private void complete() {
        ending = Answer.Ending.COMPLETED;
        finish();
    }

    /// The rule has stopped it.
    private void stopped() {
        ending = Answer.Ending.STOPPED;
        stopServer();
    }

    private void cancelled() {
        if (over || ending != null) return;
        ending = Answer.Ending.CANCELLED;
        delivery.drop();
        stopServer();
    }

    /// Ends the stream at the server: by closing the connection, or, at a Freshet gateway, by telling it
    /// to; then it says what was spent.
    private void stopServer() {
        Response reading = response;
        if (reading != null && !now.streamId.isEmpty()) {
            tellServer();
            await(TELLING, this::finish);
            handled();
        } else if (reading != null && !reading.hasHead() && session.freshet() && options.resume) {
            await(NAMING, this::finish);
        } else {
            tellServer();
            finish();
        }
    }

    /// Tells a Freshet gateway to end the stream. Nobody waits for what it answers.
    private void tellServer() {
        if (!now.streamId.isEmpty()) session.http.sendAsync(session.stop(now.streamId), BodyHandlers.discarding());
    }

    /// The end of an attempt that the server or the caller has ended.
    private void finish() {
        Answer.Ending how = ending == null ? Answer.Ending.COMPLETED : ending;
        ChatException why = failure;
        if (how == Answer.Ending.COMPLETED || how == Answer.Ending.FAILED) leaveResponse();
        else closeResponse();
        if (why != null) {
            ending = null;
            failure = null;
            if (now.firstTokenAt == 0 && options.retry.statuses().contains(why.status())) again(why, this::postAnew);
            else attemptFailed(why, false);
            return;
        }
        attempts.add(attempt(how, null));
        if (how == Answer.Ending.STOPPED && askBetter()) return;
        Answer whole = answer(how);
        end(() -> {
            receiver.done(whole);
            answer.complete(whole);
        });
    }

    private boolean askBetter() {
        BiFunction<ChatRequest, Answer, @Nullable ChatRequest> better = options.retryWith;
        if (better == null || retries >= options.retries) return false;
        ChatRequest next = better.apply(request, answer(Answer.Ending.STOPPED));
        if (next == null) return false;
        retries++;
        request = next;
        ending = null;
        restart(Duration.ZERO, null);
        return true;
    }

    private void end(Runnable last) {
        over = true;
        stop(watching);
        stop(waiting);
        delivery.end(() -> {
            ended.run();
            last.run();
        });
    }

    private void crashed(Throwable thrown) {
        boolean first = !over;
        over = true;
        stop(watching);
        stop(waiting);
        closeResponse();
        tellServer();
        ended.run();
        if (first) receiver.failed(thrown);
        answer.completeExceptionally(thrown);
    }

    // ---- time

    /// Looks whether a limit is over, and when the next one may be.
    private void watch() {
        stop(watching);
        if (over || ending != null) return;
        long time = System.nanoTime();
        long left = options.total.toNanos() - (time - startedAt);
        TimeLimitException.Limit next = TimeLimitException.Limit.TOTAL;
        Response reading = response;
        if (reading != null && now.firstTokenAt == 0) {
            long first = options.firstToken.toNanos() - (time - now.postedAt);
            if (first < left) next = TimeLimitException.Limit.FIRST_TOKEN;
            left = Math.min(left, first);
        } else if (reading != null) {
            long silence = reading.asked() ? time - now.quietSince : 0;
            long idle = options.idle.toNanos() - silence;
            if (idle < left) next = TimeLimitException.Limit.IDLE;
            left = Math.min(left, idle);
        }
        if (left <= 0) expired(next);
        else watching = Timer.after(Duration.ofNanos(left), session.executor, () -> serial.execute(this::watch));
    }

    private void expired(TimeLimitException.Limit limit) {
        Duration length = switch (limit) {
            case FIRST_TOKEN -> options.firstToken;
            case IDLE -> options.idle;
            case TOTAL -> options.total;
        };
        ChatException why = new TimeLimitException(limit, length, facts());
        Response silent = response;
        if (silent != null) now.cursor = silent.cursor();
        if (limit == TimeLimitException.Limit.IDLE && now.assembly.finished()) {
            closeResponse();
            complete();
        } else if (limit == TimeLimitException.Limit.IDLE && !now.streamId.isEmpty() && !now.stalled) {
            now.stalled = true;
            closeResponse();
            again(why, this::resume);
        } else {
            attemptFailed(why, true);
        }
    }

    /// Does something later, unless the call ends first.
    private void await(Duration wait, Runnable what) {
        stop(waiting);
        waiting = Timer.after(
                wait,
                session.executor,
                () -> serial.execute(() -> {
                    if (!over) what.run();
                }));
    }

    private static void stop(@Nullable Future<?> timer) {
        if (timer != null) timer.cancel(false);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    // ---- small things

    private void closeResponse() {
        Response closing = response;
        if (closing != null) closing.closeNow();
        response = null;
        closable = null;
    }

    private void leaveResponse() {
        Response leaving = response;
        if (leaving != null) leaving.leave();
        response = null;
        closable = null;
    }

    private ChatException.Facts facts() {
        Response reading = response;
        return reading == null ? ChatException.Facts.NONE : reading.facts();
    }

    private Answer.Attempt attempt(Answer.Ending how, @Nullable ChatException why) {
        return new Answer.Attempt(how, now.assembly.tokens(), now.assembly.usage(), why);
    }

    private Answer answer(Answer.Ending how) {
        String model = now.assembly.model();
        return new Answer(
                now.assembly.id(),
                model.isEmpty() ? request.model() : model,
                now.assembly.choices(now.chunks.reasoningField()),
                how,
                now.assembly.usage(),
                List.copyOf(attempts),
                now.firstTokenAt == 0 ? null : Duration.ofNanos(now.firstTokenAt - now.startedAt),
                Duration.ofNanos(System.nanoTime() - startedAt),
                now.streamId,
                now.state);
    }
}
