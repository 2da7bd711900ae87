package dev.freshet.gateway;

import dev.freshet.gateway.access.Callers;
import dev.freshet.gateway.access.KeyRing;
import dev.freshet.gateway.access.KeyStore;
import dev.freshet.gateway.access.Quotas;
import dev.freshet.gateway.access.ReadTokens;
import dev.freshet.gateway.access.Spending;
import dev.freshet.gateway.access.WarmUp;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigException;
import dev.freshet.gateway.config.GuardsReader;
import dev.freshet.gateway.exchange.Exchanges;
import dev.freshet.gateway.exchange.RuleAccounts;
import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.http.Listener;
import dev.freshet.gateway.meter.Counter;
import dev.freshet.gateway.meter.Ledger;
import dev.freshet.gateway.meter.Opened;
import dev.freshet.gateway.meter.SavingsReport;
import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Budget;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.net.Names;
import dev.freshet.gateway.net.NettyLoop;
import dev.freshet.gateway.net.Transport;
import dev.freshet.gateway.route.Catalog;
import dev.freshet.gateway.route.Health;
import dev.freshet.gateway.route.Keys;
import dev.freshet.gateway.route.ModelRouter;
import dev.freshet.gateway.stream.Interrupted;
import dev.freshet.gateway.stream.LogStore;
import dev.freshet.gateway.stream.MemoryStore;
import dev.freshet.gateway.stream.disk.DiskStore;
import dev.freshet.gateway.telemetry.Telemetry;
import dev.freshet.gateway.upstream.ModelLists;
import dev.freshet.gateway.upstream.Tls;
import dev.freshet.gateway.upstream.UpstreamClient;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The gateway: wires everything together by plain constructors, starts it, and stops it. Thread-safe.
public final class Gateway implements AutoCloseable {
    private static final int MAX_LOOK_UPS = 16;
    /// Of the heap, at most this part is for logs: the rest is for those who write and read them.
    private static final int LOGS_SHARE = 2;

    /// How long the last bytes may take to their clients.
    private static final Duration LAST_BYTES = Duration.ofSeconds(3);

    private static final Duration KEY_PERIOD = Duration.ofSeconds(1);
    private static final Duration RULES_PERIOD = Duration.ofSeconds(30);
    private static final int RULES_DAYS = 30;

    private final Config config;
    private final ModelRouter.@Nullable Simulated simulated;
    private final Transport transport;
    private final EventLoopGroup loops;
    /// Looking a name up blocks a thread of the system; so few at once that a slow name server takes no
    /// more than these.
    private final ExecutorService lookUps = Executors.newFixedThreadPool(
            MAX_LOOK_UPS, Thread.ofPlatform().daemon().name("freshet-names-", 0).factory());
    /// Work that takes long: as much at once as there are cores, the rest waits.
    private final ExecutorService computing = Executors.newVirtualThreadPerTaskExecutor();
    private final Telemetry telemetry = new Telemetry();
    private final Health health = new Health(System::nanoTime);
    private final Keys keys = new Keys(System::nanoTime);
    private final Names names = new Names(lookUps);
    private final Tls tls = new Tls();
    private final Map<EventLoop, UpstreamClient> upstreams = new ConcurrentHashMap<>();
    private final Map<EventLoop, Exchanges> exchanges = new ConcurrentHashMap<>();
    private final AtomicReference<Exchanges.Settings> settings = new AtomicReference<>();
    private final AtomicReference<Duration> keep = new AtomicReference<>();
    private final MemoryStore memory;
    private final @Nullable DiskStore disk;
    private final LogStore store;
    private final KeyRing keyRing;
    private final Quotas quotas;
    private final AtomicInteger streamsPerKey = new AtomicInteger();
    private final AtomicReference<Map<String, Allowance>> owners = new AtomicReference<>();
    private final AtomicReference<Duration> ledgerKeep = new AtomicReference<>();
    private final @Nullable Ledger ledger;
    private final Counter counter = new Counter();
    private final Strain strain = new Strain();
    private final RuleAccounts rules = new RuleAccounts();
    private final WarmUp callers;
    private final Function<EventLoop, Loop> time;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean ready;
    private @Nullable Thread keyWatch;
    private @Nullable Listener listener;
    private @Nullable Channel listening;

    private Gateway(
            Config config,
            ModelRouter.@Nullable Simulated simulated,
            Transport transport,
            int loopCount,
            @Nullable Callers callers,
            Function<EventLoop, Loop> time) {
        this.config = config;
        this.simulated = simulated;
        this.transport = transport;
        streamsPerKey.set(config.limits().streamsPerKey());
        owners.set(config.accounts().owners());
        ledgerKeep.set(config.accounts().keep());
        quotas = new Quotas(
                System::nanoTime,
                Gateway::epochSeconds,
                streamsPerKey::get,
                owner -> owners.get().get(owner));
        keyRing = new KeyRing(rules(config), new KeyStore(config.data()), Gateway::epochSeconds);
        this.callers = new WarmUp(callers == null ? keyRing : callers);
        config.refuseExposure(this.callers.askForKeys());
        this.time = time;
        keep.set(config.streams().keep());
        long maxMemory =
                Math.min(config.streams().maxMemory(), Runtime.getRuntime().maxMemory() / LOGS_SHARE);
        memory = new MemoryStore(maxMemory, keep::get, System::nanoTime);
        disk = config.streams().store() == Config.Store.DISK
                ? DiskStore.open(config.data(), config.streams().machineProof(), memory, keep::get, steadyClock())
                : null;
        store = disk == null ? memory : disk;
        telemetry.watch("freshet.log.memory", "Bytes of memory that all logs take", memory.budget()::used);
        telemetry.watch("freshet.streams.kept", "Streams whose log is in memory", memory::size);
        telemetry.watch(
                "freshet.upstream.connections.resting",
                "Connections to providers that wait for use",
                () -> upstreams.values().stream()
                        .mapToInt(UpstreamClient::resting)
                        .sum());
        ledger = config.accounts().ledger() ? Ledger.open(config.data(), ledgerKeep::get, Gateway::epochSeconds) : null;
        if (ledger != null)
            telemetry.watch("freshet.ledger.waiting", "Rows of the ledger that are not written yet", ledger::waiting);
        loops = transport.loops(loopCount);
        settings.set(settings(config));
    }

    /// Wall-clock time as it was when this began, and as monotonic time goes on: the system's clock may jump,
    /// and no stream is forgotten early for that.
    private static LongSupplier steadyClock() {
        long began = System.currentTimeMillis();
        long beganNanos = System.nanoTime();
        return () -> began + (System.nanoTime() - beganNanos) / 1_000_000;
    }

    /// Starts a gateway on the fastest transport, with an event loop for each core.
    ///
    /// @param simulated the demo model's provider, where there is one
    /// @throws IOException where the address can not be listened on
    public static Gateway start(Config config, ModelRouter.@Nullable Simulated simulated) throws IOException {
        Gateway gateway = listening(config, simulated);
        gateway.ready();
        return gateway;
    }

    /// The same, for a gateway that is warmed up first: it listens, but is not ready, until [#ready]; and
    /// what it serves meanwhile is neither counted nor logged.
    public static Gateway listening(Config config, ModelRouter.@Nullable Simulated simulated) throws IOException {
        int loopCount = Runtime.getRuntime().availableProcessors();
        return listening(config, simulated, Transport.fastest(), loopCount, null, NettyLoop::new);
    }

    /// The same, on a transport and with a number of event loops.
    ///
    /// @param callers who asks; null for who has one of the gateway's keys
    /// @param time the timers and the monotonic time of an event loop
    static Gateway listening(
            Config config,
            ModelRouter.@Nullable Simulated simulated,
            Transport transport,
            int loopCount,
            @Nullable Callers callers,
            Function<EventLoop, Loop> time)
            throws IOException {
        Gateway gateway = new Gateway(config, simulated, transport, loopCount, callers, time);
        try {
            gateway.listen();
        } catch (IOException e) {
            gateway.store.close();
            gateway.closeBooks();
            gateway.stopThreads();
            throw e;
        }
        return gateway;
    }

    private void listen() throws IOException {
        Config.Listen address = config.listen();
        Config.Limits limits = config.limits();
        listener = new Listener(
                new Listener.Settings(
                        address.names(),
                        address.cors(),
                        address.loopback(),
                        limits.body(),
                        limits.header(),
                        limits.headTimeout(),
                        limits.bodyTimeout(),
                        limits.writeTimeout(),
                        config.streams().heartbeat(),
                        config.streams().headAfter(),
                        config.longest().plus(config.streams().keep()).toSeconds(),
                        limits.readersPerStream(),
                        limits.readers()),
                this::exchanges,
                callers,
                keyRing,
                ReadTokens.of(config.data()),
                new Spending(ledger, quotas),
                computing,
                this::takesNewWork,
                telemetry::prometheus);
        if (address.tls() != null) listener.identify(address.tls().identity());
        recover();
        loops.next().scheduleAtFixedRate(this::eachSecond, 1, 1, TimeUnit.SECONDS);
        loops.next().scheduleAtFixedRate(this::learnOfRules, 0, RULES_PERIOD.toSeconds(), TimeUnit.SECONDS);
        keyWatch = Thread.ofVirtual().name("key-watch").start(this::watchKeys);
        listening = listener.bind(transport, loops, new InetSocketAddress(address.host(), address.port()));
    }

    /// Looks what the rules of guards saved and cost in the last days.
    private void learnOfRules() {
        if (ledger == null) return;
        long today = Math.floorDiv(epochSeconds(), Duration.ofDays(1).toSeconds());
        ledger.ask(new SavingsReport(today - RULES_DAYS, null)::read).thenAccept(known -> {
            rules.learn(known);
            telemetry.savings(known);
        });
    }

    /// Whether a new answer would be begun now, whoever asked for it.
    private boolean takesNewWork() {
        return ready
                && strain.refusal() == null
                && store.refusal() == null
                && telemetry.running() < settings.get().running();
    }

    private void eachSecond() {
        store.sweep();
        strain.look();
    }

    /// Looks each second whether keys were made or revoked, and ends what runs with those that are good no
    /// more.
    private void watchKeys() {
        try {
            while (true) {
                Thread.sleep(KEY_PERIOD);
                Set<String> bad = keyRing.refresh();
                if (!bad.isEmpty()) exchanges.values().forEach(all -> all.revoke(bad));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static KeyRing.Rules rules(Config config) {
        return new KeyRing.Rules(
                config.access() == Config.Access.OPEN, config.access() == Config.Access.KEYS, config.keys());
    }

    /// What is served, and who may ask for it: a method, a path and a role each.
    List<String> routes() {
        if (listener == null) throw new IllegalStateException("the gateway does not listen");
        return listener.routes(exchanges(loops.next()));
    }

    /// A key for the gateway's own requests, until it is ready.
    public String warmUpKey() {
        return callers.key();
    }

    /// Whether a key is asked for.
    public boolean asksForKeys() {
        return callers.askForKeys();
    }

    /// Takes over what an earlier process left unfinished, before anyone can ask for it.
    private void recover() {
        List<Interrupted> interrupted = disk == null ? List.of() : disk.interrupted();
        Map<String, Opened> opened = ledger == null ? Map.of() : takeOver(ledger, interrupted);
        for (Interrupted stream : interrupted) {
            EventLoop loop = loops.next();
            Opened row = opened.get(stream.head().id().value());
            loop.submit(() -> exchanges(loop).recover(stream, row)).syncUninterruptibly();
        }
        if (disk != null) disk.start();
    }

    /// What was spent before counts from the beginning.
    private Map<String, Opened> takeOver(Ledger kept, List<Interrupted> interrupted) {
        kept.calibrate(counter);
        Set<String> known =
                interrupted.stream().map(stream -> stream.head().id().value()).collect(Collectors.toSet());
        Map<String, Opened> opened = kept.takeOver(known);
        long today = Math.floorDiv(epochSeconds(), Duration.ofDays(1).toSeconds());
        for (Budget.Period period : List.of(Budget.Period.DAY, Budget.Period.MONTH)) {
            for (String of : List.of("key", "owner")) quotas.restore(of, period, kept.spent(of, period.begin(today)));
        }
        quotas.restore("token", Budget.Period.EVER, kept.spentWithTokens());
        for (Budget.Period period : List.of(Budget.Period.DAY, Budget.Period.MONTH))
            rules.restore(today, period, kept.savedSince(period.begin(today)));
        kept.start();
        return opened;
    }

    /// Wall-clock time.
    private static long epochSeconds() {
        return System.currentTimeMillis() / 1000;
    }

    /// From now on the gateway is ready, and what it serves is counted and logged.
    public void ready() {
        telemetry.start();
        callers.over();
        ready = true;
    }

    private Exchanges exchanges(EventLoop eventLoop) {
        return exchanges.computeIfAbsent(eventLoop, this::newExchanges);
    }

    private Exchanges newExchanges(EventLoop eventLoop) {
        Loop loop = time.apply(eventLoop);
        UpstreamClient upstream = upstreams.computeIfAbsent(
                eventLoop, own -> new UpstreamClient(own, loop, transport.channel(), names, tls, config.proxies()));
        return new Exchanges(
                loop,
                upstream,
                store,
                health,
                keys,
                quotas,
                ledger,
                counter,
                telemetry,
                settings::get,
                this::ownGuards,
                strain::refusal,
                rules);
    }

    /// Reads what a request brings on another thread: schemas and phrases take their time.
    private void ownGuards(byte[] json, Executor loop, BiConsumer<@Nullable Guard, @Nullable Failure> told) {
        computing.execute(() -> {
            try {
                Guard guard = GuardsReader.ofRequest(json);
                loop.execute(() -> told.accept(guard, null));
            } catch (ConfigException e) {
                loop.execute(() -> told.accept(null, Failure.invalid(e.getMessage() + ".", "freshet")));
            } catch (RejectedExecutionException e) {
                // The gateway is closing.
            }
        });
    }

    private Exchanges.Settings settings(Config read) {
        Config from = simulated == null
                ? read
                : read.withSimulated(simulated.provider().baseUrl());
        List<Provider> asked =
                from.models().isEmpty() ? List.copyOf(from.providers().values()) : List.of();
        Catalog catalog = new Catalog(asked.stream().map(Provider::name).toList());
        for (Provider provider : asked) {
            ModelLists.fetch(provider, config.proxies(), models -> catalog.put(provider.name(), models));
        }
        Config.Streams streams = from.streams();
        return new Exchanges.Settings(
                new ModelRouter(from.models(), from.providers(), catalog, simulated),
                from.accounts().prices(),
                from.guards(),
                from.limits().streams(),
                streams.maxSize(),
                streams.maxEvent(),
                streams.headAfter(),
                streams.grace(),
                streams.maxGrace());
    }

    /// Takes another configuration for what begins from now on, certificates included; what runs keeps what it
    /// began with. Where it listens, and whether with TLS, stays as it is.
    public void reload(Config changed) {
        Config.Tls tls = changed.listen().tls();
        if (listener != null && tls != null && config.listen().tls() != null) listener.identify(tls.identity());
        keep.set(changed.streams().keep());
        streamsPerKey.set(changed.limits().streamsPerKey());
        owners.set(changed.accounts().owners());
        ledgerKeep.set(changed.accounts().keep());
        keyRing.reload(rules(changed));
        settings.set(settings(changed));
    }

    /// Where it listens.
    public InetSocketAddress address() {
        if (listening == null) throw new IllegalStateException("the gateway does not listen");
        return (InetSocketAddress) listening.localAddress();
    }

    /// The names of the models that can be asked for, once the providers have said theirs.
    public List<String> models() {
        return settings.get().models().names();
    }

    /// Waits until the providers have said which models they have, or failed to.
    ///
    /// @return whether they did within the limit
    public boolean awaitModels(Duration limit) throws InterruptedException {
        try {
            settings.get().models().catalog().complete().get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new AssertionError("it is completed with nothing but null", e);
        }
    }

    /// Stops: takes no new work and says so, lets the running streams end for at most the configured drain time,
    /// and closes; what is left then is cut without an end, as after row 49 of the failure model.
    @Override
    public void close() {
        if (closed.getAndSet(true)) return;
        ready = false;
        strain.drain();
        if (keyWatch != null) keyWatch.interrupt();
        if (listener != null) listener.drain();
        boolean idle = telemetry.awaitIdle(config.limits().drain());
        if (idle && listener != null) listener.awaitEnd(LAST_BYTES);
        if (listening != null) listening.close().syncUninterruptibly();
        exchanges.values().forEach(Exchanges::close);
        store.close();
        if (listener != null) listener.closeConnections();
        stopThreads();
        closeBooks();
    }

    private void closeBooks() {
        counter.close();
        if (ledger != null) ledger.close();
    }

    private void stopThreads() {
        upstreams.values().forEach(UpstreamClient::close);
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
        lookUps.shutdown();
        computing.shutdown();
    }
}
