package dev.freshet.gateway.exchange;

import dev.freshet.gateway.access.Quotas;
import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.Requests;
import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.Guards;
import dev.freshet.gateway.meter.Counter;
import dev.freshet.gateway.meter.Ledger;
import dev.freshet.gateway.meter.Opened;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.PriceList;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.route.Health;
import dev.freshet.gateway.route.Keys;
import dev.freshet.gateway.route.ModelRouter;
import dev.freshet.gateway.route.ModelRouter.Resolution;
import dev.freshet.gateway.stream.Claim;
import dev.freshet.gateway.stream.Claims;
import dev.freshet.gateway.stream.Interrupted;
import dev.freshet.gateway.stream.LogStore;
import dev.freshet.gateway.stream.Lookup;
import dev.freshet.gateway.telemetry.Telemetry;
import dev.freshet.gateway.upstream.UpstreamClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Begins exchanges on one event loop. Owned by that loop.
public final class Exchanges {
    private final Loop loop;
    private final UpstreamClient upstream;
    private final LogStore store;
    private final Health health;
    private final Keys keys;
    private final Quotas quotas;
    private final @Nullable Ledger ledger;
    private final Counter counter;
    private final Telemetry telemetry;
    private final Supplier<Settings> settings;
    private final OwnGuards ownGuards;
    private final Supplier<@Nullable Failure> strain;
    private final RuleAccounts rules;
    private final Map<String, Set<Exchange>> running = new HashMap<>();
    private volatile boolean closing;

    /// @param ledger what exchanges took; null where nobody wants to know
    /// @param settings the newest ones; an exchange keeps those that it began with
    /// @param ownGuards reads what requests bring
    /// @param strain why nothing new may begin; null where it may
    /// @param rules how the rules of guards stand
    public Exchanges(
            Loop loop,
            UpstreamClient upstream,
            LogStore store,
            Health health,
            Keys keys,
            Quotas quotas,
            @Nullable Ledger ledger,
            Counter counter,
            Telemetry telemetry,
            Supplier<Settings> settings,
            OwnGuards ownGuards,
            Supplier<@Nullable Failure> strain,
            RuleAccounts rules) {
        this.loop = loop;
        this.upstream = upstream;
        this.store = store;
        this.health = health;
        this.keys = keys;
        this.quotas = quotas;
        this.ledger = ledger;
        this.counter = counter;
        this.telemetry = telemetry;
        this.settings = settings;
        this.ownGuards = ownGuards;
        this.strain = strain;
        this.rules = rules;
    }

    /// Reads the guards that requests bring.
    @FunctionalInterface
    public interface OwnGuards {
        /// Reads one, elsewhere if that may take long.
        ///
        /// @param json what a request says to us
        /// @param told on the loop: of the guard, or of null where there is none; or of why it cannot be
        void read(byte[] json, Executor loop, BiConsumer<@Nullable Guard, @Nullable Failure> told);
    }

    /// What the configuration says of exchanges. Immutable.
    ///
    /// @param prices what models cost
    /// @param guards those that models and requests name
    /// @param running how many may be under way at once, in the whole gateway
    /// @param maxSize of a stream's log, in bytes
    /// @param maxEvent of one event from upstream, in bytes
    /// @param headAfter when the head leaves although there is no content yet
    /// @param grace how long a stream goes on without any reader, where its request says nothing
    /// @param maxGrace the most that a request may ask for
    public record Settings(
            ModelRouter models,
            PriceList prices,
            Guards guards,
            int running,
            long maxSize,
            int maxEvent,
            Duration headAfter,
            Duration grace,
            Duration maxGrace) {
        Duration grace(@Nullable Duration asked) {
            if (asked == null) return grace;
            return asked.compareTo(maxGrace) > 0 ? maxGrace : asked;
        }
    }

    /// Begins an exchange, or attaches the client to the one that its Idempotency-Key stands for.
    ///
    /// @param downstream may be told before this returns
    public Exchange begin(Asked asked, Downstream downstream) {
        Exchange exchange = new Exchange(this, settings.get(), asked, downstream);
        Claim claim = asked.claim();
        if (claim == null) exchange.begin();
        else store.claim(claim, exchange.log(), loop, answer -> claimed(answer, exchange, downstream));
        return exchange;
    }

    private void claimed(Claims.Answer answer, Exchange exchange, Downstream downstream) {
        switch (answer) {
            case Claims.Answer.Yours _ -> exchange.begin();
            case Claims.Answer.Other _ -> downstream.refused(mismatch());
            case Claims.Answer.Same same -> attach(same, downstream);
        }
    }

    private void attach(Claims.Answer.Same same, Downstream downstream) {
        if (same.log() != null) {
            downstream.attached(same.log());
            return;
        }
        store.find(same.id(), loop, found -> {
            if (found instanceof Lookup.Present present) downstream.attached(present.log());
            else downstream.refused(expired());
        });
    }

    private static Failure mismatch() {
        return Failure.of(
                        FailureCode.IDEMPOTENCY_MISMATCH,
                        "This Idempotency-Key was sent with another body within the last 24 hours; use a new key.")
                .withParam("Idempotency-Key")
                .asNotToBeRepeated();
    }

    private static Failure expired() {
        return Failure.of(
                        FailureCode.STREAM_EXPIRED,
                        "The answer to this Idempotency-Key is complete, and no longer kept (streams.keep); use a new"
                                + " key to ask again.")
                .asNotToBeRepeated();
    }

    /// Takes over a stream of an earlier process: it goes on when a reader comes back, or is ended. On the
    /// loop.
    ///
    /// @param opened its row in the ledger; null where it has none
    public void recover(Interrupted stream, @Nullable Opened opened) {
        Settings now = settings.get();
        ChatRequest request = request(stream);
        boolean usageAsked = request != null && request.usageAsked();
        Exchange exchange = new Exchange(this, now, stream.head(), usageAsked);
        stream.fill(exchange.log());
        Model model =
                now.models().resolve(stream.head().model()) instanceof Resolution.Found(Model found) ? found : null;
        Continuation again = model == null || request == null ? null : Continuation.of(model, request);
        exchange.recover(model, again, stream.notes(), opened);
    }

    /// What was asked for, where that was kept.
    private static @Nullable ChatRequest request(Interrupted stream) {
        byte[] request = stream.request();
        if (request == null || !(Requests.parse(request) instanceof Requests.Parsed.Good(var good))) return null;
        return good;
    }

    void runs(Exchange exchange) {
        String key = exchange.log().head().key();
        if (key != null) running.computeIfAbsent(key, _ -> new HashSet<>()).add(exchange);
    }

    void ended(Exchange exchange) {
        String key = exchange.log().head().key();
        Set<Exchange> others = key == null ? null : running.get(key);
        if (others != null && others.remove(exchange) && others.isEmpty()) running.remove(key);
    }

    /// Ends what runs with keys that are good no more. From any thread.
    ///
    /// @param keys their ids
    public void revoke(Set<String> keys) {
        loop.execute(() -> {
            for (String key : keys)
                List.copyOf(running.getOrDefault(key, Set.of())).forEach(Exchange::revoked);
        });
    }

    /// The names of the models that can be asked for.
    public List<String> models() {
        return settings.get().models().names();
    }

    /// What a model reads besides text; empty where that is not known.
    public List<String> takes(String model) {
        return settings.get().models().takes(model);
    }

    /// From now on nothing ends an exchange: what is under way is cut off, as if the process had died, so
    /// that the next one can go on with it. From any thread.
    public void close() {
        closing = true;
    }

    boolean closing() {
        return closing;
    }

    public Loop loop() {
        return loop;
    }

    public LogStore store() {
        return store;
    }

    UpstreamClient upstream() {
        return upstream;
    }

    Health health() {
        return health;
    }

    @Nullable
    Ledger ledger() {
        return ledger;
    }

    /// Why nothing new may begin; null where it may.
    @Nullable
    Failure strain() {
        return strain.get();
    }

    RuleAccounts rules() {
        return rules;
    }

    OwnGuards ownGuards() {
        return ownGuards;
    }

    Counter counter() {
        return counter;
    }

    Quotas quotas() {
        return quotas;
    }

    Keys keys() {
        return keys;
    }

    /// A number from 0 up to, but not including, the argument.
    LongUnaryOperator random() {
        return bound -> ThreadLocalRandom.current().nextLong(bound);
    }

    Telemetry telemetry() {
        return telemetry;
    }

    /// Wall-clock time, for people; limits run on the loop's.
    long epochSeconds() {
        return System.currentTimeMillis() / 1000;
    }
}
