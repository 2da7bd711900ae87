package dev.freshet.gateway.http;

import dev.freshet.gateway.access.Quotas;
import dev.freshet.gateway.exchange.Downstream;
import dev.freshet.gateway.exchange.Exchange;
import dev.freshet.gateway.exchange.Head;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.LogReader;
import dev.freshet.gateway.stream.Reading;
import dev.freshet.gateway.stream.StreamLog;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What one client gets for its request: it turns an exchange's head, log or failure into a response. Owned by
/// the connection's loop.
final class Answer implements Downstream {
    private static final Pattern NOT_ASCII = Pattern.compile("[^\\x20-\\x7e]");

    /// What form the answer has.
    enum Form {
        WHOLE,
        PLAIN,
        NUMBERED
    }

    private final Form form;
    private final Response response;
    private final Loop loop;
    private final Duration headAfter;
    private @Nullable Exchange exchange;
    private @Nullable Reading reading;
    private @Nullable LogReader events;

    /// @param headAfter how long a client that attaches to another's answer waits for its head
    Answer(Form form, Response response, Loop loop, Duration headAfter) {
        this.form = form;
        this.response = response;
        this.loop = loop;
        this.headAfter = headAfter;
        response.onLeave(this::left);
    }

    /// Ties the client's leaving to the exchange, until the head leaves.
    void follow(Exchange begun) {
        exchange = begun;
    }

    private void left() {
        if (reading != null) reading.leave();
        else if (exchange != null) exchange.askerLeft();
    }

    /// Headers as OpenAI has them; the reset in seconds.
    @Override
    public void rate(String unit, Quotas.Rate rate) {
        response.header("x-ratelimit-limit-" + unit, String.valueOf(rate.limit()));
        response.header("x-ratelimit-remaining-" + unit, String.valueOf(rate.remaining()));
        long millis = rate.reset().toMillis();
        response.header("x-ratelimit-reset-" + unit, millis / 1000 + "." + millis % 1000 / 100 + "s");
    }

    @Override
    public void refused(Failure failure) {
        response.fail(failure);
    }

    @Override
    public void head(Head head) {
        response.header("Freshet-Provider", ascii(head.provider()));
        response.header("Freshet-Attempts", String.valueOf(head.attempts()));
        LogReader reader = reader(head.log());
        reading = head.log().join(loop, reader);
        reader.appended();
    }

    /// The head of an answer that another request began leaves when there is something to say, or after a
    /// while.
    @Override
    public void attached(StreamLog log) {
        LogCursor cursor = log.fromStart();
        LogReader waiting = () -> {
            if (events != null) events.appended();
            else if (cursor.next()) begin(log, cursor.kind() == EntryKind.ERROR);
        };
        reading = log.join(loop, waiting);
        Loop.Timer timer = loop.after(headAfter, () -> begin(log, false));
        response.onEnd(timer::cancel);
        waiting.appended();
    }

    private void begin(StreamLog log, boolean failedAtOnce) {
        if (events != null || response.over()) return;
        Failure failure = failedAtOnce && log.outcome() != null ? log.outcome().failure() : null;
        if (failure != null && form != Form.NUMBERED) {
            response.fail(failure);
        } else {
            events = reader(log);
            events.appended();
        }
    }

    private LogReader reader(StreamLog log) {
        response.header("Freshet-Stream", log.id().value());
        response.header("Freshet-Model", ascii(log.head().model()));
        return switch (form) {
            case WHOLE -> whole(log);
            case PLAIN -> response.events(log.fromStart(), new PlainFraming(), this::ended);
            case NUMBERED -> response.events(log.fromStart(), new NumberedFraming(log, false), this::ended);
        };
    }

    private void ended() {
        if (reading != null) reading.leave();
    }

    /// A whole answer is one entry, and its client gets it with its length.
    private LogReader whole(StreamLog log) {
        LogCursor cursor = log.fromStart();
        return () -> {
            if (!cursor.next()) return;
            byte[] entry = Arrays.copyOfRange(cursor.array(), cursor.offset(), cursor.offset() + cursor.length());
            Failure failure = log.outcome() == null ? null : log.outcome().failure();
            if (failure != null) response.fail(failure);
            else response.json(200, entry);
            ended();
        };
    }

    /// A header's value from a client's text.
    private static String ascii(String text) {
        return NOT_ASCII.matcher(text).replaceAll("?");
    }
}
