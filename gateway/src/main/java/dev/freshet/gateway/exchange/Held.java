package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.EventMeaning;
import dev.freshet.gateway.dialect.openai.Transcript;
import dev.freshet.gateway.meter.Counter;
import dev.freshet.gateway.meter.Extra;
import dev.freshet.gateway.meter.Prompt;
import dev.freshet.gateway.meter.Spender;
import dev.freshet.gateway.meter.Words;
import dev.freshet.gateway.model.Price;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.stream.StreamHead;
import dev.freshet.gateway.upstream.Attempt;
import dev.freshet.gateway.upstream.AttemptEnd;
import dev.freshet.gateway.upstream.AttemptListener;
import dev.freshet.sse.EventView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An answer that a guard stopped, and that runs on unseen, to be measured. What came of it until the stop is
/// the exchange's; the rest is written here, once both are known. Owned by the exchange's loop.
///
/// It ends with the provider's answer, with the model's `total` time, with more than `streams.max_size`, or
/// when the client leaves. A gateway that is shut down does not wait for it, and does not count it.
final class Held implements AttemptListener {
    private final Exchanges context;
    private final Exchanges.Settings settings;
    private final Attempts.One one;
    private final Attempt attempt;
    private final @Nullable Checked checked;
    private final Loop.Timer timer;
    private final List<byte[]> came = new ArrayList<>();
    private long bytes;
    private boolean over;
    private @Nullable StreamHead settled;

    /// Looks at a whole answer whose beginning was stopped.
    @FunctionalInterface
    interface Checked {
        /// @param told on the loop, whether the stop was a mistake
        void check(List<byte[]> rest, Consumer<Boolean> told);
    }

    /// @param checked who is asked again when the answer is whole; null for nobody
    Held(Exchanges context, Exchanges.Settings settings, Attempts.One one, Attempt attempt, @Nullable Checked checked) {
        this.context = context;
        this.settings = settings;
        this.one = one;
        this.attempt = attempt;
        this.checked = checked;
        timer = context.loop().after(one.total, this::cut);
    }

    /// @param ended whether the provider has ended the answer
    void begin(boolean ended) {
        attempt.handOver(this);
        if (ended) cut();
    }

    @Override
    public void event(EventView event, EventMeaning meaning) {
        if (meaning != EventMeaning.CONTENT) return;
        bytes += event.length();
        came.add(Arrays.copyOfRange(event.array(), event.offset(), event.offset() + event.length()));
        if (bytes > settings.maxSize()) cut();
    }

    @Override
    public void batchEnd() {}

    @Override
    public void whole(byte[] body) {}

    @Override
    public void ended(AttemptEnd end) {
        cut();
    }

    /// It ends here: what came until now counts.
    void cut() {
        if (over) return;
        over = true;
        timer.cancel();
        attempt.cancel();
        measure();
    }

    /// It is known what the exchange is charged with for its beginning.
    void settled(StreamHead head) {
        settled = head;
        measure();
    }

    private void measure() {
        StreamHead head = settled;
        if (!over || head == null || context.closing()) return;
        Usage until = Objects.requireNonNullElse(one.charged, Usage.estimated(0, 0));
        Usage whole = attempt.usageFresh() ? attempt.usage() : null;
        if (whole != null) {
            check(head, rest(whole, until), cost(whole, until));
            return;
        }
        List<byte[]> events = List.copyOf(came);
        Counter.Job job = new Counter.Job(one.served, () -> words(events));
        context.counter().estimate(new Prompt(0), List.of(job), context.loop(), told -> {
            Usage counted = told.isEmpty() ? Usage.estimated(0, events.size()) : told.getFirst();
            Usage sum = until.plus(Usage.estimated(0, counted.completion()));
            check(head, rest(sum, until), cost(sum, until));
        });
    }

    private static Words words(List<byte[]> events) {
        Transcript transcript = new Transcript();
        for (byte[] event : events) transcript.add(event, 0, event.length);
        return new Words(transcript.answers(), transcript.thoughts());
    }

    /// What came after the stop. Thinking that nobody was shown came before it.
    private static long rest(Usage whole, Usage until) {
        return Math.max(0, whole.completion() - begun(whole, until).completion());
    }

    /// The beginning as the provider would have counted it.
    private static Usage begun(Usage whole, Usage until) {
        long hidden = until.reasoning() == 0 ? whole.reasoning() : 0;
        long completion = Math.min(whole.completion(), until.completion() + hidden);
        long reasoning = hidden > 0 ? hidden : Math.min(whole.reasoning(), until.reasoning());
        return Usage.reported(whole.prompt(), whole.cached(), completion, reasoning);
    }

    private @Nullable Long cost(Usage whole, Usage until) {
        Instant now = Instant.ofEpochSecond(context.epochSeconds());
        Provider provider = one.provider;
        Price price = provider == null ? null : settings.prices().find(provider, one.served.model(), now);
        return price == null
                ? null
                : Long.valueOf(Math.max(0, price.of(whole, now) - price.of(begun(whole, until), now)));
    }

    private void check(StreamHead head, long rest, @Nullable Long nanoUsd) {
        if (checked == null) write(head, rest, nanoUsd, false);
        else checked.check(List.copyOf(came), mistaken -> write(head, rest, nanoUsd, mistaken));
    }

    /// What a guard's audit costs is no client's to pay; what a provider bills for an answer that was asked
    /// for is.
    private void write(StreamHead head, long rest, @Nullable Long nanoUsd, boolean mistaken) {
        if (context.ledger() == null) return;
        String key = head.key() == null ? "" : head.key();
        Spender client = new Spender(head.key(), head.owner().name(), null, null, null, null);
        Saved saved = one.credited ? Saved.ofRest(rest, nanoUsd, mistaken) : Saved.NOTHING;
        context.ledger()
                .spent(new Extra(
                        context.epochSeconds(),
                        one.credited ? Extra.HOLDOUT : client,
                        head.model(),
                        one.served.provider(),
                        Usage.estimated(0, rest),
                        nanoUsd,
                        key,
                        one.credited ? one.stopper : null,
                        saved));
        if (one.credited && one.stopper != null) context.telemetry().saved(one.stopper, saved);
        if (!one.credited && nanoUsd != null)
            context.quotas().spent(head.key(), head.owner().name(), nanoUsd);
    }
}
