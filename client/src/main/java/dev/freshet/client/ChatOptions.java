package dev.freshet.client;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// How calls behave. Each method gives a changed copy. Immutable.
public final class ChatOptions {
    /// 5 minutes to the first token, 30 seconds between two, 15 minutes in all; [Retry#DEFAULT]; no restarts.
    public static final ChatOptions DEFAULT = new ChatOptions();

    private static final int MAX_EVENT_BYTES = 4 << 20;

    Duration firstToken = Duration.ofMinutes(5);
    Duration idle = Duration.ofSeconds(30);
    Duration total = Duration.ofMinutes(15);
    Duration grace = Duration.ofMinutes(2);
    Retry retry = Retry.DEFAULT;
    int restarts;
    int retries;
    boolean resume = true;
    int maxEventBytes = MAX_EVENT_BYTES;

    @Nullable
    StopRule stopWhen;

    @Nullable
    BiFunction<ChatRequest, Answer, @Nullable ChatRequest> retryWith;

    Map<String, String> headers = Map.of();

    private ChatOptions() {}

    private ChatOptions(ChatOptions from) {
        firstToken = from.firstToken;
        idle = from.idle;
        total = from.total;
        grace = from.grace;
        retry = from.retry;
        restarts = from.restarts;
        retries = from.retries;
        resume = from.resume;
        maxEventBytes = from.maxEventBytes;
        stopWhen = from.stopWhen;
        retryWith = from.retryWith;
        headers = from.headers;
    }

    /// The longest wait for the first content, of each attempt. Heartbeats and empty chunks are no content.
    public ChatOptions firstToken(Duration limit) {
        ChatOptions changed = new ChatOptions(this);
        changed.firstToken = positive(limit);
        return changed;
    }

    /// The longest silence between two pieces of content. It does not run while nobody takes what came. A
    /// Freshet gateway's stream is resumed once before it counts as stalled.
    public ChatOptions idle(Duration limit) {
        ChatOptions changed = new ChatOptions(this);
        changed.idle = positive(limit);
        return changed;
    }

    /// The longest time for all of a call, waits and attempts included.
    public ChatOptions total(Duration limit) {
        ChatOptions changed = new ChatOptions(this);
        changed.total = positive(limit);
        return changed;
    }

    /// What is tried again.
    public ChatOptions retry(Retry policy) {
        ChatOptions changed = new ChatOptions(this);
        changed.retry = policy;
        return changed;
    }

    /// How often an answer that broke is dropped and asked for again, where it cannot be resumed. Such an
    /// answer may be billed each time: [Answer#attempts] counts them. The listener hears of it
    /// ([ChatState.Restarted]), and chunks have another [Chunk#attempt].
    ///
    /// @param most 0, the default, is never
    public ChatOptions restarts(int most) {
        if (most < 0) throw new IllegalArgumentException("restarts are not below 0");
        ChatOptions changed = new ChatOptions(this);
        changed.restarts = most;
        return changed;
    }

    /// Whether a Freshet gateway is asked to number its events, and to go on for a while without a reader,
    /// so that a lost connection loses nothing. Other servers ignore the headers. On unless told otherwise.
    public ChatOptions resume(boolean on) {
        ChatOptions changed = new ChatOptions(this);
        changed.resume = on;
        return changed;
    }

    /// How long a Freshet gateway goes on without a reader; 2 minutes unless told otherwise.
    public ChatOptions grace(Duration length) {
        ChatOptions changed = new ChatOptions(this);
        changed.grace = positive(length);
        return changed;
    }

    /// The longest line and the largest event that are taken; 4 MiB unless told otherwise. A larger one
    /// ends the call.
    public ChatOptions maxEventBytes(int most) {
        if (most < 1) throw new IllegalArgumentException("an event has at least 1 byte");
        ChatOptions changed = new ChatOptions(this);
        changed.maxEventBytes = most;
        return changed;
    }

    /// Stops the answer, and its provider, as soon as the rule says so.
    public ChatOptions stopWhen(StopRule rule) {
        ChatOptions changed = new ChatOptions(this);
        changed.stopWhen = rule;
        return changed;
    }

    /// What to ask instead when the rule has stopped an answer.
    ///
    /// @param most how often
    /// @param better a function of the request and of what came; where it gives null, the answer stays stopped
    public ChatOptions retryWith(int most, BiFunction<ChatRequest, Answer, @Nullable ChatRequest> better) {
        if (most < 0) throw new IllegalArgumentException("retries are not below 0");
        ChatOptions changed = new ChatOptions(this);
        changed.retries = most;
        changed.retryWith = better;
        return changed;
    }

    /// A header more: `Freshet-Tag`, `Freshet-Guard`, what a provider wants.
    public ChatOptions header(String name, String value) {
        ChatOptions changed = new ChatOptions(this);
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        changed.headers = Collections.unmodifiableMap(more);
        return changed;
    }

    private static Duration positive(Duration length) {
        if (length.isNegative() || length.isZero()) throw new IllegalArgumentException("limits are above 0");
        return length;
    }

    /// Names the headers, without their values: one may be a secret.
    @Override
    public String toString() {
        return "ChatOptions[firstToken=" + firstToken + ", idle=" + idle + ", total=" + total + ", retry=" + retry
                + ", restarts=" + restarts + ", headers=" + headers.keySet() + "]";
    }
}
