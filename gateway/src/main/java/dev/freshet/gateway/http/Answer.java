package dev.freshet.gateway.http;

import dev.freshet.gateway.exchange.Downstream;
import dev.freshet.gateway.exchange.Exchange;
import dev.freshet.gateway.exchange.Head;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.LogReader;
import dev.freshet.gateway.stream.StreamLog;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What one client gets for its request: it turns an exchange's head, log or failure into a response. Owned by
/// the connection's loop.
final class Answer implements Downstream {
    private static final Pattern NOT_ASCII = Pattern.compile("[^\\x20-\\x7e]");

    private final boolean stream;
    private final Response response;
    private @Nullable Exchange exchange;
    private @Nullable LogReader reader;

    Answer(boolean stream, Response response) {
        this.stream = stream;
        this.response = response;
    }

    /// Ties the client's leaving to the exchange.
    void follow(Exchange begun) {
        exchange = begun;
        response.onLeave(this::left);
    }

    private void left() {
        if (exchange == null) return;
        if (reader == null) exchange.cancel();
        else exchange.leave(reader);
    }

    @Override
    public void refused(Failure failure) {
        response.fail(failure);
    }

    @Override
    public void head(Head head) {
        response.header("Freshet-Stream", head.log().id().value());
        response.header("Freshet-Model", ascii(head.model()));
        response.header("Freshet-Provider", ascii(head.provider()));
        response.header("Freshet-Attempts", String.valueOf(head.attempts()));
        LogReader joining = stream ? events(head.log()) : whole(head.log());
        reader = joining;
        head.log().join(joining);
        joining.appended();
    }

    private LogReader events(StreamLog log) {
        EventStream events = new EventStream(log, response.events(), response::eventsEnded);
        response.onHalfClose(events::touch);
        response.onWritable(events::appended);
        return events;
    }

    /// A whole answer is one entry, and its client gets it with its length.
    private LogReader whole(StreamLog log) {
        LogCursor cursor = log.fromStart();
        return () -> {
            if (!cursor.next()) return;
            byte[] entry = Arrays.copyOfRange(cursor.array(), cursor.offset(), cursor.offset() + cursor.length());
            Outcome outcome = log.outcome();
            if (outcome instanceof Outcome.Failed failed) response.fail(failed.failure());
            else response.json(200, entry);
        };
    }

    /// A header's value from a client's text.
    private static String ascii(String text) {
        return NOT_ASCII.matcher(text).replaceAll("?");
    }
}
