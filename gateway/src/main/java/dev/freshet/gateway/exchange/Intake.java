package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.EventMeaning;
import dev.freshet.gateway.dialect.openai.HiddenUsage;
import dev.freshet.gateway.dialect.openai.Seam;
import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.StreamLog;
import dev.freshet.sse.EventView;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The way of an attempt's events into the log. Before the commit (the first content) they wait, without a
/// number; what their client did not ask for is hidden; where somebody goes on with an answer, the seam is
/// closed; and guards, where there are some, let them pass or do not. Owned by the exchange's loop.
final class Intake {
    private final StreamLog log;
    private final Asking asking;
    private final long limit;
    private final Told told;
    private final Uncommitted uncommitted = new Uncommitted();
    private @Nullable Guarding guarding;
    private @Nullable Seam seam; // while an attempt goes on with what others began
    private boolean committed;
    private boolean closed;

    /// Told of what events do to the exchange.
    interface Told {
        /// The first content is there.
        void committed();

        /// An answer that broke goes on.
        void goesOn();

        /// There is more than may be kept.
        void tooLarge();
    }

    /// @param limit of what waits, in bytes
    Intake(StreamLog log, Asking asking, long limit, Told told) {
        this.log = log;
        this.asking = asking;
        this.limit = limit;
        this.told = told;
    }

    /// From now on guards watch.
    void watch(Guarding by) {
        guarding = by;
    }

    @Nullable
    Guarding guarding() {
        return guarding;
    }

    /// Whether there was content, so that nobody else may be asked for the answer's beginning.
    boolean committed() {
        return committed;
    }

    /// There was content, in an earlier process.
    void wasCommitted() {
        committed = true;
    }

    /// Whether an attempt goes on with what others began.
    boolean joins() {
        return seam != null;
    }

    /// The next attempt goes on with what the log has.
    void join(Seam with) {
        seam = with;
        if (guarding != null) guarding.goOn();
    }

    /// The next attempt begins anew: what came of the last one is forgotten.
    void anew() {
        uncommitted.clear();
        seam = null;
        if (guarding != null) guarding.begin();
    }

    /// An attempt has failed; somebody else may be asked.
    void attemptFailed() {
        if (guarding != null && !committed) guarding.discard();
    }

    void event(EventView event, EventMeaning meaning) {
        boolean content = meaning == EventMeaning.CONTENT;
        EntryKind kind = asking.hidesUsage() && meaning == EventMeaning.USAGE
                ? EntryKind.HIDDEN
                : event.multiline() ? EntryKind.MULTILINE_EVENT : EntryKind.EVENT;
        if (content) asking.content();
        if (guarding != null && meaning == EventMeaning.USAGE && guarding.tellsUsage()) return;
        if (seam != null) {
            join(seam, event, kind == EntryKind.HIDDEN ? kind : EntryKind.EVENT, content);
        } else if (asking.usageToHideInside()) {
            byte[] data = HiddenUsage.without(event.array(), event.offset(), event.length());
            take(EntryKind.EVENT, data, 0, data.length, content);
        } else {
            take(kind, event.array(), event.offset(), event.length(), content);
        }
    }

    private void join(Seam joining, EventView event, EntryKind kind, boolean content) {
        boolean inside = asking.usageToHideInside();
        for (byte[] data : joining.take(event)) {
            told.goesOn();
            byte[] shown = inside ? HiddenUsage.without(data, 0, data.length) : data;
            take(kind, shown, 0, shown.length, content);
        }
    }

    private void take(EntryKind kind, byte[] array, int offset, int length, boolean content) {
        if (closed) return;
        if (guarding == null) put(kind, array, offset, length, content);
        else if (!guarding.take(kind, array, offset, length, content, limit)) told.tooLarge();
    }

    /// Puts what nothing speaks against.
    void put(EntryKind kind, byte[] array, int offset, int length, boolean content) {
        if (closed) return;
        boolean now = committed || content;
        boolean fits = now
                ? putNow(kind, array, offset, length)
                : uncommitted.add(kind, Arrays.copyOfRange(array, offset, offset + length), limit);
        if (!fits) told.tooLarge();
    }

    private boolean putNow(EntryKind kind, byte[] array, int offset, int length) {
        if (!committed) commit();
        return log.append(kind, array, offset, length);
    }

    /// The first content is there, or the answer is over without any.
    void commit() {
        if (committed) return;
        committed = true;
        asking.committed();
        uncommitted.moveTo(log);
        told.committed();
    }

    /// What came in one read of the network was told.
    void batchEnd() {
        if (committed) log.publish();
    }

    /// The attempt has ended well: what still waits is put.
    ///
    /// @return whether the answer has ended with it; else a guard has stopped it
    boolean end() {
        byte[] rest = seam == null ? null : seam.end();
        if (rest != null) take(EntryKind.EVENT, rest, 0, rest.length, true);
        return !closed && (guarding == null || guarding.end());
    }

    /// The attempt has failed for good: what was held back though no rule was broken is put.
    void failed() {
        if (committed && guarding != null) guarding.showAll();
    }

    /// Nothing is put any more.
    void close() {
        closed = true;
        if (guarding != null) guarding.close();
    }
}
