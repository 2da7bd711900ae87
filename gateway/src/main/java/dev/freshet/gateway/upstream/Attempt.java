package dev.freshet.gateway.upstream;

import dev.freshet.gateway.dialect.openai.ChatStream;
import dev.freshet.gateway.dialect.openai.Errors;
import dev.freshet.gateway.dialect.openai.EventMeaning;
import dev.freshet.gateway.dialect.openai.WholeAnswer;
import dev.freshet.gateway.model.Timeouts;
import dev.freshet.gateway.model.UpstreamError;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.net.Loop;
import dev.freshet.sse.EventView;
import dev.freshet.sse.SseDecoder;
import dev.freshet.sse.SseLimitException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.proxy.ProxyConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One try at having a request answered by one provider: connect, send, read, each with its limit. It tells its
/// listener of every event, and how it ended. Owned by its event loop.
///
/// Limits on the first token and on silence watch content, not bytes: a provider that sends comments for ever
/// is silent.
public final class Attempt implements SseDecoder.Sink, Connector.Listener {
    /// How long an ended answer's connection may take to end its response, so that it can be used again.
    private static final Duration REST_OF_RESPONSE = Duration.ofSeconds(1);

    private static final int MAX_ERROR_BODY = 64 << 10;
    private static final int MAX_REFUSALS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

    private enum State {
        CONNECTING,
        WAITING,
        EVENTS,
        JSON, // a whole answer, though a stream was asked for
        WHOLE,
        ERROR,
        ENDED
    }

    private final UpstreamClient client;
    private final Origin origin;
    private final boolean stream;
    private final int maxEvent;
    private final int maxWhole;
    private @Nullable Call call; // until the response's head: its body may be large, and a stream is held for long
    private AttemptListener listener;
    private final Faults faults;
    private final Timeouts timeouts;
    private final ChatStream answer = new ChatStream();
    private State state = State.CONNECTING;
    private Runnable giveUpConnecting = () -> {};
    private @Nullable UpstreamConnection connection;
    private @Nullable Inflating inflating;
    private @Nullable SseDecoder decoder;
    private @Nullable BoundedBytes body;
    private int status;
    private @Nullable Duration retryAfter;
    private Loop.@Nullable Timer timer;
    private long lastContentNanos;
    private boolean contentSeen;
    private boolean bodyEnded;
    private boolean moreThanAsked;
    private boolean sent;
    private int refusals;

    Attempt(UpstreamClient client, Call call, AttemptListener listener) {
        this.client = client;
        this.call = call;
        this.listener = listener;
        origin = Origin.of(call.target().provider());
        stream = call.stream();
        maxEvent = call.maxEvent();
        maxWhole = call.maxWhole();
        this.timeouts = call.timeouts();
        this.faults = new Faults(call.target().provider());
    }

    void start() {
        UpstreamConnection resting = client.pool().take(origin);
        if (resting != null) client.loop().execute(() -> connected(resting));
        else connect();
    }

    private void connect() {
        giveUpConnecting = client.connector().connect(origin, timeouts.connect(), this);
    }

    /// Ends the attempt from this side, and with it the provider's work: the connection is closed. Nothing is
    /// told afterwards.
    public void cancel() {
        if (state == State.ENDED) return;
        state = State.ENDED;
        stopTimer();
        if (inflating != null) inflating.close();
        giveUpConnecting.run();
        if (connection != null) connection.abandon();
    }

    /// From now on somebody else is told: what its listener began, somebody else ends.
    public void handOver(AttemptListener other) {
        listener = other;
    }

    /// Whether the event that is being told says what the answer takes, beside something else.
    public boolean usageInside() {
        return answer.usageInside();
    }

    /// How many events were no JSON; they were passed on all the same.
    public long unreadableEvents() {
        return answer.unreadable();
    }

    /// What the provider said of what the answer takes; null where it has said nothing.
    public @Nullable Usage usage() {
        return answer.usage();
    }

    /// Whether what the provider said of that is of all that came.
    public boolean usageFresh() {
        return answer.usageFresh();
    }

    /// Whether the request was sent, so that it may be billed.
    public boolean sent() {
        return sent;
    }

    @Override
    public void connected(UpstreamConnection ready) {
        giveUpConnecting = () -> {};
        if (state == State.ENDED) {
            ready.close();
            return;
        }
        if (!ready.open()) {
            connect();
            return;
        }
        connection = ready;
        state = State.WAITING;
        sent = true;
        if (stream) watchContent(timeouts.firstToken());
        ready.send(Objects.requireNonNull(call), this);
    }

    @Override
    public void failed(Throwable cause) {
        if (state == State.ENDED) return;
        switch (cause) {
            case ConnectTimeoutException _ -> end(faults.connectTimeout(timeouts.connect()));
            case UnknownHostException _ -> end(faults.unreachable("its name is not known"));
            case SSLException e -> notTrusted(e);
            case ProxyConnectException e -> end(faults.unreachable("the proxy did not let it through: " + proxied(e)));
            default -> end(faults.unreachable("connection refused or lost"));
        }
    }

    /// Nothing was sent. Somebody may be listening in, so that the operator must know.
    private void notTrusted(SSLException cause) {
        LOG.warn("TLS to {} failed, nothing was sent: {}", origin, String.valueOf(cause.getMessage()));
        end(faults.unreachable("TLS failed: " + cause.getMessage()));
    }

    /// The proxy's answer, without its address.
    private static String proxied(ProxyConnectException cause) {
        return String.valueOf(cause.getMessage()).replaceFirst(".*, status: ", "status ");
    }

    void head(HttpResponse response) {
        call = null;
        status = response.status().code();
        if (!Inflating.isPlain(response.headers())) {
            inflating = Inflating.of(response.headers());
            if (inflating == null) {
                String coding = response.headers().get(HttpHeaderNames.CONTENT_ENCODING);
                fail(faults.broken("its Content-Encoding is " + coding + ", which was not asked for"));
                return;
            }
        }
        String type = String.valueOf(response.headers().get(HttpHeaderNames.CONTENT_TYPE))
                .toLowerCase(Locale.ROOT);
        if (status != 200) {
            retryAfter = HttpRequests.retryAfter(response.headers());
            state = State.ERROR;
            body = new BoundedBytes(MAX_ERROR_BODY);
        } else if (stream && type.startsWith("text/event-stream")) {
            state = State.EVENTS;
            decoder = new SseDecoder(maxEvent, maxEvent);
        } else if (type.startsWith("application/json")) {
            state = stream ? State.JSON : State.WHOLE;
            body = new BoundedBytes(maxWhole);
        } else {
            fail(faults.foreign(type));
        }
    }

    void content(ByteBuf bytes) {
        if (inflating == null) {
            plain(bytes);
            return;
        }
        try {
            inflating.feed(bytes, this::plain);
        } catch (DecompressionException e) {
            fail(faults.broken("its compressed body is damaged"));
        }
    }

    private void plain(ByteBuf bytes) {
        byte[] scratch = client.scratch();
        while (bytes.isReadable()) {
            int length = Math.min(bytes.readableBytes(), scratch.length);
            bytes.readBytes(scratch, 0, length);
            if (decoder != null) decode(decoder, scratch, length);
            else if (body != null && !body.add(scratch, length)) tooLong();
        }
    }

    private void tooLong() {
        boolean answer = state == State.WHOLE || state == State.JSON;
        if (answer) fail(faults.broken("an answer of more than " + maxWhole + " bytes"));
    }

    private void decode(SseDecoder events, byte[] bytes, int length) {
        if (state == State.ENDED && length > 0) moreThanAsked = true;
        if (state != State.EVENTS) return;
        try {
            events.feed(bytes, 0, length, this);
        } catch (SseLimitException e) {
            fail(faults.broken(String.valueOf(e.getMessage())));
        }
    }

    @Override
    public void event(EventView event) {
        if (state != State.EVENTS) {
            moreThanAsked = true;
            return;
        }
        EventMeaning meaning = answer.look(event);
        switch (meaning) {
            case DONE -> complete();
            case ERROR -> fail(faults.event(Errors.read(status, event.array(), event.offset(), event.length())));
            case CONTENT -> {
                noteContent();
                listener.event(event, meaning);
            }
            case USAGE, OTHER -> listener.event(event, meaning);
        }
    }

    private void noteContent() {
        if (contentSeen) {
            lastContentNanos = client.loop().nanoTime();
            return;
        }
        contentSeen = true;
        stopTimer();
        watchContent(timeouts.idle());
    }

    void readComplete() {
        if (state == State.EVENTS) listener.batchEnd();
    }

    /// The response ended as its framing says.
    ///
    /// @return whether the connection may serve another request
    boolean bodyEnded() {
        bodyEnded = true;
        State before = state;
        switch (before) {
            case EVENTS -> bytesEnded();
            case WHOLE -> whole();
            case JSON -> becomeEvents();
            case ERROR -> end(faults.status(error(), retryAfter));
            case CONNECTING, WAITING, ENDED -> stopTimer();
        }
        return !moreThanAsked && (before != State.EVENTS || answer.complete());
    }

    private UpstreamError error() {
        byte[] bytes = body == null ? new byte[0] : body.toArray();
        return Errors.read(status, bytes, 0, bytes.length);
    }

    private void whole() {
        byte[] bytes = body == null ? new byte[0] : body.toArray();
        listener.whole(bytes);
        end(new AttemptEnd.Completed());
    }

    /// A whole answer to who asked for a stream: it becomes one event and `[DONE]`, and is read as if it
    /// had come so.
    private void becomeEvents() {
        byte[] bytes = body == null ? new byte[0] : body.toArray();
        byte[] chunk = WholeAnswer.asChunk(bytes);
        if (chunk == null) {
            end(faults.broken("its JSON is none"));
            return;
        }
        state = State.EVENTS;
        byte[] events = ("data: " + new String(chunk, StandardCharsets.UTF_8) + "\n\ndata: [DONE]\n\n")
                .getBytes(StandardCharsets.UTF_8);
        decode(
                new SseDecoder(Math.max(maxEvent, events.length), Math.max(maxEvent, events.length)),
                events,
                events.length);
    }

    /// The connection ended, or failed, before the response did.
    void connectionEnded() {
        UpstreamConnection ended = connection;
        connection = null;
        switch (state) {
            case EVENTS -> bytesEnded();
            case ERROR -> end(faults.status(error(), retryAfter));
            case WHOLE, JSON -> end(faults.truncated());
            case WAITING -> {
                // A resting connection that its server closes as we write was not used for an answer: a new one is.
                if (ended != null && ended.used()) reconnect();
                else end(faults.truncated());
            }
            case CONNECTING, ENDED -> stopTimer();
        }
    }

    /// The provider did not begin to work on the request: asking again costs nothing, over another connection.
    void refused() {
        boolean again = state == State.WAITING && refusals < MAX_REFUSALS;
        refusals++;
        if (again) reconnect();
        else connectionEnded();
    }

    private void reconnect() {
        stopTimer();
        state = State.CONNECTING;
        connect();
    }

    /// What came was no HTTP.
    void unreadable() {
        fail(faults.broken("its response is not valid HTTP"));
    }

    private void bytesEnded() {
        end(answer.complete() ? new AttemptEnd.Completed() : faults.truncated());
    }

    /// `[DONE]` came: the answer is complete now, and what the response's framing still lacks is read in
    /// silence.
    private void complete() {
        stopTimer();
        UpstreamConnection rest = connection;
        end(new AttemptEnd.Completed());
        timer = client.loop().after(REST_OF_RESPONSE, () -> {
            if (rest != null && !bodyEnded) rest.close();
        });
    }

    private void fail(AttemptEnd.Failed end) {
        if (connection != null) connection.abandon();
        end(end);
    }

    private void end(AttemptEnd end) {
        if (state == State.ENDED) return;
        stopTimer();
        state = State.ENDED;
        if (inflating != null) inflating.close();
        listener.ended(end);
    }

    private void watchContent(Duration limit) {
        lastContentNanos = client.loop().nanoTime();
        timer = client.loop().after(limit, this::contentDue);
    }

    /// The timer is not set anew with every token: when it fires, it looks when the last one came.
    private void contentDue() {
        if (state == State.ENDED) return;
        Duration limit = contentSeen ? timeouts.idle() : timeouts.firstToken();
        Duration left = limit.minusNanos(client.loop().nanoTime() - lastContentNanos);
        if (left.isPositive()) timer = client.loop().after(left, this::contentDue);
        else silent();
    }

    private void silent() {
        if (answer.complete()) {
            if (connection != null) connection.abandon();
            end(new AttemptEnd.Completed());
        } else {
            if (connection != null) connection.doubt();
            fail(contentSeen ? faults.stalled(timeouts.idle()) : faults.firstTokenTimeout(timeouts.firstToken()));
        }
    }

    private void stopTimer() {
        if (timer != null) timer.cancel();
        timer = null;
    }
}
