package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.EventMeaning;
import dev.freshet.gateway.upstream.AttemptEnd;
import dev.freshet.gateway.upstream.AttemptListener;
import dev.freshet.sse.EventView;
import java.util.Arrays;

/// Takes what came with the same read as what led to a stop: it was under way, so it is billed. Owned by the
/// exchange's loop.
final class LastRead implements AttemptListener {
    private final Attempts.One one;
    private boolean ended;

    LastRead(Attempts.One one) {
        this.one = one;
    }

    @Override
    public void event(EventView event, EventMeaning meaning) {
        if (meaning != EventMeaning.CONTENT) return;
        one.contents++;
        one.underWay.add(Arrays.copyOfRange(event.array(), event.offset(), event.offset() + event.length()));
    }

    @Override
    public void batchEnd() {}

    @Override
    public void whole(byte[] body) {}

    @Override
    public void ended(AttemptEnd end) {
        ended = true;
    }

    /// Whether the provider ended the answer with that read.
    boolean ended() {
        return ended;
    }
}
