package dev.freshet.gateway.exchange;

import dev.freshet.gateway.access.Quotas;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.stream.StreamLog;
import org.jspecify.annotations.Nullable;

/// Who asked for an answer, until the response's head leaves: with the first content, or after a while
/// without. Who asked for ids gets it as soon as the stream would be found again after a crash, and not
/// before; what goes wrong from then on is told in the stream. Owned by the exchange's loop.
final class Asker {
    private final boolean ids;
    private final StreamLog log;
    private final Attempts attempts;
    private @Nullable Downstream downstream;
    private Loop.@Nullable Timer timer;
    private boolean kept;

    /// @param downstream null where nobody waits for a head
    Asker(boolean ids, StreamLog log, Attempts attempts, @Nullable Downstream downstream) {
        this.ids = ids;
        this.log = log;
        this.attempts = attempts;
        this.downstream = downstream;
    }

    /// Whether the head has not left.
    boolean waits() {
        return downstream != null;
    }

    /// How what is limited by the minute stands.
    void rate(String unit, Quotas.Rate rate) {
        if (downstream != null) downstream.rate(unit, rate);
    }

    /// Lets the head leave then, though there may be no content yet.
    void headLeavesAfter(Loop.Timer due) {
        timer = due;
    }

    /// The stream would be found again after a crash.
    void kept() {
        kept = true;
        if (ids && attempts.count() > 0) head();
    }

    /// The head may leave.
    void head() {
        if (ids && !kept) return;
        Downstream client = downstream;
        downstream = null;
        stopWaiting();
        if (client != null) client.head(new Head(log, attempts.provider(), attempts.count()));
    }

    /// There is no answer. Who asked for ids, and was asked for, is told in the stream.
    void refused(Failure failure) {
        if (ids && attempts.count() > 0) return;
        Downstream client = downstream;
        downstream = null;
        if (client != null) client.refused(failure);
    }

    void stopWaiting() {
        if (timer != null) timer.cancel();
    }
}
