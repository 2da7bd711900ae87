package dev.freshet.gateway.telemetry;

import dev.freshet.gateway.model.Estimate;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Usage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Metrics, and the one log line of each exchange. Thread-safe. Nothing here runs for each token.
///
/// Names follow OpenTelemetry's semantic conventions for generative AI where those have one. Labels are
/// configured names only.
public final class Telemetry {
    private static final Logger LOG = LoggerFactory.getLogger("freshet.exchange");

    private static final double NANOS = 1e9;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final AtomicInteger running = new AtomicInteger();
    private final Map<Labels, Meters> meters = new ConcurrentHashMap<>();
    private final MultiGauge savings = MultiGauge.builder("freshet.savings.net.usd")
            .description("What the stops of a rule saved in 30 days, less by what they cost; bounds of 95 %")
            .register(registry);
    private final MultiGauge avoidedTokens = MultiGauge.builder("freshet.savings.avoided.tokens")
            .description("Tokens that the stops of a rule avoided in 30 days; bounds of 95 %")
            .register(registry);
    private final MultiGauge holdouts = MultiGauge.builder("freshet.savings.holdouts")
            .description("Held out answers of 30 days whose ends were seen, by which that is estimated")
            .register(registry);
    private volatile boolean started;

    public Telemetry() {
        Gauge.builder("freshet.exchanges.running", running, AtomicInteger::get)
                .description("Exchanges that are under way")
                .register(registry);
    }

    /// Shows a number whenever the metrics are read.
    public void watch(String name, String description, Supplier<Number> number) {
        Gauge.builder(name, number).description(description).register(registry);
    }

    /// Counts and logs from now on.
    public void start() {
        started = true;
    }

    /// An exchange began; [#settled] follows exactly once.
    ///
    /// @return how many are under way now, with this one
    public int began() {
        return running.incrementAndGet();
    }

    /// How many are under way.
    public int running() {
        return running.get();
    }

    /// Waits until no exchange is under way.
    ///
    /// @return whether none is, within the limit
    public synchronized boolean awaitIdle(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        try {
            for (long left = limit.toMillis(); running.get() > 0 && left > 0; ) {
                wait(left);
                left = (deadline - System.nanoTime()) / 1_000_000;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return running.get() == 0;
    }

    private synchronized void idle() {
        notifyAll();
    }

    /// An exchange ended.
    public void settled(Settled end) {
        if (running.decrementAndGet() == 0) idle();
        if (!started) return;
        Meters meters = meters(end);
        meters.duration().record(end.durationNanos(), TimeUnit.NANOSECONDS);
        meters.entries().increment((double) end.events());
        meters.bytes().increment((double) end.bytes());
        if (end.firstTokenNanos() >= 0) meters.firstToken().record(end.firstTokenNanos(), TimeUnit.NANOSECONDS);
        count(end, meters);
        log(end);
    }

    private static void count(Settled end, Meters meters) {
        Usage usage = end.usage();
        if (usage != null) {
            meters.prompt().increment((double) usage.prompt());
            meters.completion().increment((double) usage.completion());
            if (usage.estimated()) meters.estimated().increment();
        }
        if (end.nanoUsd() == null) meters.unknown().increment();
        else meters.cost().increment(end.nanoUsd() / NANOS);
    }

    /// A guard did something.
    ///
    /// @param rule a configured name
    public void guarded(String rule, String action) {
        if (started)
            registry.counter("freshet.guard.verdicts", "rule", rule, "action", action)
                    .increment();
    }

    /// A guard's rule stopped answers, asked again, asked a judge, or let an answer run on.
    public void saved(SavedBy by, Saved saved) {
        if (!started) return;
        Tags tags = Tags.of("rule", by.rule(), "model", by.model());
        count("freshet.guard.stops", tags.and("credited", "true"), (double) saved.stops());
        count("freshet.guard.stops", tags.and("credited", "false"), (double) saved.uncredited());
        count("freshet.guard.held", tags, (double) saved.held());
        count("freshet.guard.held.tokens", tags, saved.tokens().sum());
        count(
                "freshet.guard.cost.usd",
                tags.and("of", "retries"),
                saved.retries().nanoUsd() / NANOS);
        count("freshet.guard.cost.usd", tags.and("of", "judges"), saved.judges().nanoUsd() / NANOS);
        count(
                "freshet.guard.cost.usd",
                tags.and("of", "holdout"),
                saved.nanoUsd().sum() / NANOS);
    }

    private void count(String name, Tags tags, double more) {
        if (more > 0) registry.counter(name, tags).increment(more);
    }

    /// What rules have saved, net, in the last days: the mean and its interval, where there are enough to say.
    public void savings(Map<SavedBy, Saved> known) {
        List<MultiGauge.Row<?>> net = new ArrayList<>();
        List<MultiGauge.Row<?>> avoided = new ArrayList<>();
        List<MultiGauge.Row<?>> seen = new ArrayList<>();
        known.forEach((by, saved) -> {
            Tags tags = Tags.of("rule", by.rule(), "model", by.model());
            rows(net, tags, saved.net(), NANOS);
            rows(avoided, tags, saved.avoidedTokens(), 1);
            seen.add(MultiGauge.Row.of(tags, saved.tokens().n()));
        });
        savings.register(net, true);
        avoidedTokens.register(avoided, true);
        holdouts.register(seen, true);
    }

    private static void rows(List<MultiGauge.Row<?>> into, Tags tags, @Nullable Estimate estimate, double unit) {
        if (estimate == null) return;
        into.add(MultiGauge.Row.of(tags.and("bound", "mean"), estimate.mean() / unit));
        into.add(MultiGauge.Row.of(tags.and("bound", "low"), estimate.low() / unit));
        into.add(MultiGauge.Row.of(tags.and("bound", "high"), estimate.high() / unit));
    }

    /// Events that were no JSON came from a provider; they were passed on.
    public void unreadable(String provider, long events) {
        if (events > 0 && started)
            registry.counter("freshet.upstream.unreadable.events", "provider", provider)
                    .increment((double) events);
    }

    /// What tells the meters of one exchange from those of another. All are names from the configuration or
    /// of ours.
    private record Labels(String model, String provider, String outcome) {}

    private record Meters(
            Timer duration,
            Timer firstToken,
            Counter entries,
            Counter bytes,
            Counter prompt,
            Counter completion,
            Counter estimated,
            Counter unknown,
            Counter cost) {}

    /// Looked up once for each combination: finding a meter in the registry costs more than counting with it.
    private Meters meters(Settled end) {
        Labels labels = new Labels(end.model(), end.provider(), end.outcome().word());
        Meters known = meters.get(labels);
        return known != null ? known : meters.computeIfAbsent(labels, this::register);
    }

    private Meters register(Labels labels) {
        Tags tags = Tags.of("model", labels.model(), "provider", labels.provider(), "outcome", labels.outcome());
        return new Meters(
                timer("gen_ai.server.request.duration", "From the request to the end of its answer", tags),
                timer("gen_ai.server.time_to_first_token", "From the request to the first content", tags),
                registry.counter("freshet.log.entries", tags),
                registry.counter("freshet.log.bytes", tags),
                registry.counter("freshet.tokens.prompt", tags),
                registry.counter("freshet.tokens.completion", tags),
                registry.counter("freshet.usage.estimated", tags),
                registry.counter("freshet.cost.unknown", tags),
                registry.counter("freshet.cost.usd", tags));
    }

    private Timer timer(String name, String description, Tags tags) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(
                        Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofSeconds(2), Duration.ofSeconds(10))
                .register(registry);
    }

    private static void log(Settled end) {
        LOG.atInfo()
                .addKeyValue("stream", end.id().value())
                .addKeyValue("model", end.model())
                .addKeyValue("provider", end.provider())
                .addKeyValue("attempts", end.attempts())
                .addKeyValue("outcome", end.outcome().word())
                .addKeyValue("first_token_ms", end.firstTokenNanos() < 0 ? -1 : end.firstTokenNanos() / 1_000_000)
                .addKeyValue("duration_ms", end.durationNanos() / 1_000_000)
                .addKeyValue("entries", end.events())
                .addKeyValue("bytes", end.bytes())
                .addKeyValue(
                        "prompt_tokens", end.usage() == null ? 0 : end.usage().prompt())
                .addKeyValue(
                        "completion_tokens",
                        end.usage() == null ? 0 : end.usage().completion())
                .addKeyValue("estimated", end.usage() != null && end.usage().estimated())
                .addKeyValue(
                        "nano_usd",
                        end.nanoUsd() == null ? "unknown" : end.nanoUsd().toString())
                .log("exchange settled");
    }

    /// All metrics in Prometheus' text format.
    public String prometheus() {
        return registry.scrape();
    }
}
