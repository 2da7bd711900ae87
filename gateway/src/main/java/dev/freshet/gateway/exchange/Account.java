package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.PromptText;
import dev.freshet.gateway.dialect.openai.Transcript;
import dev.freshet.gateway.meter.Counter;
import dev.freshet.gateway.meter.Entry;
import dev.freshet.gateway.meter.Opened;
import dev.freshet.gateway.meter.Prompt;
import dev.freshet.gateway.meter.Served;
import dev.freshet.gateway.meter.Spender;
import dev.freshet.gateway.meter.Words;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.Price;
import dev.freshet.gateway.model.PriceList;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.StreamLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What an exchange's attempts took and cost: as reported; else counted by us, elsewhere, and marked as an
/// estimate. Owned by the exchange's loop.
final class Account {
    /// Larger requests are counted at once, and not kept in case somebody wants to know later.
    private static final int KEPT = 16 << 10;
    /// Bytes of a request for each token of its prompt, roughly, in any language.
    private static final int BYTES_PER_TOKEN = 4;
    private static final int MOST_OF_A_NAME = 200;
    /// Longer logs are not held to be compared.
    private static final long MOST_COMPARED = 512 << 10;

    /// How long the end of an answer waits to be counted: who has it all waits for nothing else.
    private static final Duration PATIENCE_AT_THE_END = Duration.ofMillis(500);

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Exchanges context;
    private final PriceList prices;
    private final StreamLog log;
    private final Attempts attempts;
    private @Nullable Spender spender; // null where nothing is written
    private Served served = new Served("none", "none");
    private @Nullable Prompt prompt;
    private byte @Nullable [] whole; // which is not in the log yet
    private boolean settled;

    Account(Exchanges context, PriceList prices, StreamLog log, Attempts attempts) {
        this.context = context;
        this.prices = prices;
        this.log = log;
        this.attempts = attempts;
    }

    /// The exchange is about to ask: from here on it has a row in the ledger.
    ///
    /// @param first who is asked first, as far as is known
    Opened open(ChatRequest request, Spender who, Target first) {
        byte[] body = request.bytes();
        served = Attempts.served(first, log.head().model());
        Prompt said = prompt(body);
        prompt = said;
        spender = who;
        Usage alone = Usage.estimated(said.rough(), 0);
        Long cost = cost(first.provider(), served.model(), alone, context.epochSeconds());
        return new Opened(log.id().value(), who, model(), served, log.head().created(), said.rough(), cost);
    }

    /// A large one is counted now, or guessed where too many wait for that, so that no body is held for long.
    private Prompt prompt(byte[] body) {
        long rough = body.length / BYTES_PER_TOKEN;
        if (body.length > KEPT && context.counter().busy()) return new Prompt(rough);
        Prompt said = new Prompt(rough, said(body));
        if (body.length > KEPT) context.counter().count(said, served.model());
        else context.counter().warmUp();
        return said;
    }

    /// Clients may name models at will.
    private String model() {
        String name = log.head().model();
        return name.length() <= MOST_OF_A_NAME ? name : name.substring(0, MOST_OF_A_NAME) + "…";
    }

    private static Supplier<Prompt.Said> said(byte[] body) {
        return () -> {
            PromptText read = PromptText.read(body);
            return new Prompt.Said(read.text(), read.messages(), read.pictures());
        };
    }

    /// The exchange is one of an earlier process.
    ///
    /// @param body of its request; null where that was not kept
    void takeOver(Opened left, byte @Nullable [] body) {
        spender = left.spender();
        served = left.served();
        prompt = body == null ? new Prompt(left.prompt()) : new Prompt(left.prompt(), said(body));
    }

    /// The last attempt broke off, and somebody is about to go on with its answer: what it gave is counted
    /// meanwhile.
    void broke() {
        Attempts.One one = attempts.last();
        if (one == null || one.contents == 0) return;
        context.counter().estimate(known(), List.of(job(one)), context.loop(), told -> {
            if (!told.isEmpty()) one.counted = told.getFirst().completion();
        });
    }

    private Prompt known() {
        return prompt == null ? new Prompt(0) : prompt;
    }

    private Counter.Job job(Attempts.One one) {
        long first = one.from;
        long last = attempts.last(one, log.tail());
        LogCursor cursor = log.fromStart();
        byte[] body = whole;
        List<byte[]> discarded = new ArrayList<>(one.discarded);
        discarded.addAll(one.underWay);
        return new Counter.Job(one.served, () -> {
            Transcript transcript = new Transcript();
            for (byte[] event : discarded) transcript.add(event, 0, event.length);
            if (body != null) transcript.add(body, 0, body.length);
            while (cursor.next(last)) {
                if (cursor.number() >= first) transcript.add(cursor.array(), cursor.offset(), cursor.length());
            }
            return new Words(transcript.answers(), transcript.thoughts());
        });
    }

    /// Finds out what every attempt took. Without a ledger only what was reported is known.
    ///
    /// @param body the answer of a request that did not ask for a stream
    /// @param done told during this call, where nothing must be counted; else a little later, on the loop
    void settle(Outcome outcome, byte @Nullable [] body, Runnable done) {
        whole = body;
        List<Attempts.One> unknown = new ArrayList<>();
        Attempts.One last = attempts.last();
        for (Attempts.One one : attempts.all()) {
            if (one.reported != null && one.fresh) one.charged = one.reported;
            else if (one != last && last != null && last.fresh && last.reported != null && one.discarded.isEmpty())
                one.charged = attempts.before(one, last.reported);
            else if (context.ledger() != null && (one.contents > 0 || isCharged(one, outcome))) unknown.add(one);
        }
        compare(outcome);
        if (unknown.isEmpty()) {
            finish(done);
            return;
        }
        Duration patience = outcome instanceof Outcome.Completed ? PATIENCE_AT_THE_END : PATIENCE;
        Loop.Timer timer = context.loop().after(patience, () -> counted(unknown, List.of(), done));
        List<Counter.Job> jobs = unknown.stream().map(this::job).toList();
        context.counter().estimate(known(), jobs, context.loop(), told -> {
            timer.cancel();
            counted(unknown, told, done);
        });
    }

    /// Whether an attempt without any content is charged: where it was sent, and the client left; or where
    /// it is complete.
    private static boolean isCharged(Attempts.One one, Outcome outcome) {
        boolean left = outcome instanceof Outcome.Cancelled && one.sent && one.outcome.equals(outcome.word());
        boolean stopped = one.sent && one.outcome.equals(Attempts.STOPPED);
        return left || stopped || one.outcome.equals(Attempts.COMPLETED);
    }

    /// A complete answer whose provider counted shows how its count compares with ours.
    private void compare(Outcome outcome) {
        Attempts.One one = attempts.last();
        boolean whole = outcome instanceof Outcome.Completed && attempts.count() == 1;
        if (!whole || one == null || one.charged == null || spender == null) return;
        if (!one.outcome.equals(Attempts.COMPLETED)) return; // not all of what it took is in the log
        if (log.bytes() <= MOST_COMPARED && context.counter().wants(one.served))
            context.counter().learn(prompt, job(one), one.charged);
    }

    /// @param told one estimate for each; none where nobody counted in time
    private void counted(List<Attempts.One> unknown, List<Usage> told, Runnable done) {
        if (settled) return;
        long before = 0; // of earlier attempts, with which later ones went on
        for (Attempts.One one : attempts.all()) {
            int at = unknown.indexOf(one);
            if (at >= 0) {
                Usage estimate = told.isEmpty()
                        ? Usage.estimated(known().rough(), one.contents).withSpread(Entry.ROUGH)
                        : told.get(at);
                one.charged = bounded(one, charged(one, estimate, before));
            }
            if (one.charged != null && one.discarded.isEmpty()) before += one.charged.completion();
        }
        finish(done);
    }

    /// A provider that bills on when the connection is closed bills more than came.
    private static Usage bounded(Attempts.One one, Usage usage) {
        boolean cut = !one.outcome.equals(Attempts.COMPLETED);
        boolean billsOn = one.provider != null && !one.provider.abort().credited() && one.held == null;
        return cut && billsOn ? usage.asAtLeast() : usage;
    }

    /// What the provider said before the end counts as far as it goes.
    private static Usage charged(Attempts.One one, Usage estimate, long before) {
        Usage said = one.reported;
        return new Usage(
                said == null ? estimate.prompt() + before : said.prompt(),
                said == null ? 0 : said.cached(),
                said == null ? estimate.completion() : Math.max(said.completion(), estimate.completion()),
                said == null ? estimate.reasoning() : Math.max(said.reasoning(), estimate.reasoning()),
                Usage.Source.ESTIMATED,
                estimate.spread(),
                estimate.atLeast());
    }

    private void finish(Runnable done) {
        settled = true;
        long now = context.epochSeconds();
        for (Attempts.One one : attempts.all()) {
            one.cost = one.charged == null ? Long.valueOf(0) : cost(one.provider, one.served.model(), one.charged, now);
            one.atRisk &= one.charged == null;
        }
        done.run();
    }

    private @Nullable Long cost(@Nullable Provider provider, String model, Usage usage, long now) {
        if (provider == null) return null;
        Instant at = Instant.ofEpochSecond(now);
        Price price = prices.find(provider, model, at);
        return price == null ? null : Long.valueOf(price.of(usage, at));
    }

    boolean settled() {
        return settled;
    }

    /// What all attempts took; null where nothing is charged, or where that is not settled.
    @Nullable
    Usage usage() {
        if (!settled) return attempts.soFar();
        return attempts.all().stream()
                .map(one -> one.charged)
                .filter(Objects::nonNull)
                .reduce(Usage::plus)
                .orElse(null);
    }

    /// What all attempts cost, in nano-dollars; null where that is not known, or not settled.
    @Nullable
    Long cost() {
        if (!settled) return null;
        long sum = 0;
        for (Attempts.One one : attempts.all()) {
            if (one.cost == null) return null;
            sum += one.cost;
        }
        return sum;
    }

    /// What goes into the ledger; null where the exchange never came to ask anybody.
    ///
    /// @param notes of what guards did
    /// @param saved what that saved and cost
    /// @param times the seconds since 1970 at which it ended; the milliseconds to its first token, or -1,
    /// and to its end
    @Nullable
    Entry entry(Outcome outcome, List<GuardNote> notes, Map<SavedBy, Saved> saved, Times times) {
        Attempts.One last = attempts.last();
        if (spender == null) return null;
        return new Entry(
                log.id().value(),
                spender,
                model(),
                last == null ? served : last.served,
                log.head().created(),
                times.ended(),
                outcome.word(),
                usage(),
                cost(),
                attempts.count(),
                (int) attempts.all().stream().filter(one -> one.atRisk).count(),
                times.firstTokenMillis(),
                times.durationMillis(),
                attempts.count() < 2 && notes.isEmpty() ? null : StreamState.detail(attempts, notes),
                saved);
    }

    /// When it ended, in seconds since 1970, and how long it took.
    ///
    /// @param firstTokenMillis -1 where none came
    record Times(long ended, long firstTokenMillis, long durationMillis) {}
}
