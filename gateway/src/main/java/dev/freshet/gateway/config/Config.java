package dev.freshet.gateway.config;

import dev.freshet.gateway.guard.Guards;
import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.HashedKey;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.PriceList;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Proxies;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Timeouts;
import dev.freshet.gateway.model.TlsIdentity;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A whole configuration, validated. Immutable: a changed file gives a new one.
///
/// @param keys that it names, besides those that `freshet keys` makes
/// @param providers by name, in the order in which a bare model name is looked for
/// @param models by name
/// @param guards what watches answers
/// @param proxies what leads to providers
/// @param accounts what is known of money
/// @param demoAnswersAll whether the simulated model answers under any name, because no provider is configured
/// @param warnings what the file asks for and has no effect
public record Config(
        Listen listen,
        Path data,
        Access access,
        List<HashedKey> keys,
        Map<String, Provider> providers,
        Map<String, Model> models,
        Guards guards,
        Streams streams,
        Limits limits,
        Proxies proxies,
        Accounts accounts,
        boolean demoAnswersAll,
        List<String> warnings) {

    /// @param prices what models cost
    /// @param pricesFile the operator's list; null where there is none
    /// @param owners what all keys of an owner together may, by its name
    /// @param ledger whether what exchanges took is written down
    /// @param keep how long single rows are kept; daily totals stay
    public record Accounts(
            PriceList prices, @Nullable Path pricesFile, Map<String, Allowance> owners, boolean ledger, Duration keep) {
        public static final Duration USUAL_KEEP = Duration.ofDays(90);
    }

    /// @param names Host names besides loopback ones under which the gateway may be asked where it asks for no
    /// key
    /// @param tls who it is to clients that come with TLS; null for plain HTTP
    /// @param cors origins of pages that may use the gateway
    public record Listen(
            String host,
            int port,
            List<String> names,
            @Nullable Tls tls,
            List<String> cors) {
        public static final Listen DEFAULT = new Listen("127.0.0.1", 8080, List.of(), null, List.of());

        public boolean loopback() {
            return host.equals("localhost") || host.equals("::1") || host.equals("[::1]") || host.startsWith("127.");
        }
    }

    /// @param certificate the file that the identity's chain was read from
    /// @param key the file of its key
    public record Tls(TlsIdentity identity, Path certificate, Path key) {}

    /// Who may ask.
    public enum Access {
        /// Anyone, by name.
        OPEN,
        /// Who has a key, also where there is none yet.
        KEYS,
        /// Nothing was said: who has a key, where one was ever made; else anyone, on loopback only.
        UNSAID
    }

    /// Where streams' logs are kept.
    public enum Store {
        /// In this process's memory.
        MEMORY,
        /// In the data folder as well.
        DISK
    }

    /// @param machineProof disk: whether what was delivered survives the machine's death too, not the
    /// process's only
    /// @param keep how long a stream can be read after its end
    /// @param maxSize of one stream's log, in bytes
    /// @param maxEvent of one event from upstream, in bytes
    /// @param maxMemory of all logs, in bytes
    /// @param headAfter when the response's head leaves although there is no content yet
    /// @param grace how long an upstream goes on without any reader
    /// @param maxGrace the most that a request may ask for
    /// @param heartbeat how long a client hears nothing before it gets a sign of life
    public record Streams(
            Store store,
            boolean machineProof,
            Duration keep,
            long maxSize,
            int maxEvent,
            long maxMemory,
            Duration headAfter,
            Duration grace,
            Duration maxGrace,
            Duration heartbeat) {
        public static final Streams DEFAULT = new Streams(
                Store.MEMORY,
                false,
                Duration.ofMinutes(10),
                8 << 20,
                4 << 20,
                512 << 20,
                Duration.ofSeconds(10),
                Duration.ZERO,
                Duration.ofMinutes(15),
                Duration.ofSeconds(15));
    }

    /// @param body of a request, in bytes
    /// @param header all of a request's head, in bytes
    /// @param headTimeout until a request's head has come
    /// @param bodyTimeout until its body has
    /// @param writeTimeout how long a client may take nothing of what waits for it
    /// @param streams how many may run at once
    /// @param streamsPerKey how many may run at once with one key, where keys are asked for
    /// @param readersPerStream how many may read one stream at once, besides who asked for it
    /// @param readers how many may read all of them, besides who asked for them
    public record Limits(
            int body,
            int header,
            Duration headTimeout,
            Duration bodyTimeout,
            Duration writeTimeout,
            Duration drain,
            int streams,
            int streamsPerKey,
            int readersPerStream,
            int readers) {
        public static final Limits DEFAULT = new Limits(
                20 << 20,
                32 << 10,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                20_000,
                200,
                1_000,
                20_000);
    }

    /// The files that it was read from, besides its own.
    public List<Path> files() {
        List<Path> files = new ArrayList<>();
        if (accounts.pricesFile() != null) files.add(accounts.pricesFile());
        if (listen.tls() != null)
            files.addAll(List.of(listen.tls().certificate(), listen.tls().key()));
        return files;
    }

    /// The same, listening elsewhere.
    public Config withListen(Listen other) {
        return new Config(
                other,
                data,
                access,
                keys,
                providers,
                models,
                guards,
                streams,
                limits,
                proxies,
                accounts,
                demoAnswersAll,
                warnings);
    }

    /// Fails where anyone on the network could spend, and nobody said that they may.
    ///
    /// @param keyed whether a key is asked for
    /// @throws ConfigException where it is so
    public void refuseExposure(boolean keyed) {
        if (keyed) return;
        if (listen.cors().contains("*"))
            throw new ConfigException("cors: `*` needs keys, and there is none: make one with `freshet keys create"
                    + " --name NAME`, or name the origins");
        if (access != Access.UNSAID || listen.loopback()) return;
        throw new ConfigException("listening on " + listen.host()
                + " would let anyone on the network spend, because there is no key: make one with `freshet keys"
                + " create --name NAME`, listen on 127.0.0.1, or write `access: open` into a file to allow it by name");
    }

    /// The longest that any answer may take.
    public Duration longest() {
        return models.values().stream()
                .map(model -> model.timeouts().total())
                .reduce(Timeouts.DEFAULT.total(), (a, b) -> a.compareTo(b) > 0 ? a : b);
    }

    /// The same, with an address for what has none in a file: providers of the dialect `simulated`.
    public Config withSimulated(URI baseUrl) {
        Map<String, Provider> there = new LinkedHashMap<>();
        providers.forEach((name, provider) -> there.put(name, at(baseUrl, provider)));
        Map<String, Model> asking = new LinkedHashMap<>();
        models.forEach((name, model) -> asking.put(
                name,
                new Model(
                        model.name(),
                        model.targets().stream().map(t -> at(baseUrl, t)).toList(),
                        model.timeouts(),
                        model.retry(),
                        model.continues(),
                        model.guards(),
                        model.takes())));
        return new Config(
                listen,
                data,
                access,
                keys,
                there,
                asking,
                guards,
                streams,
                limits,
                proxies,
                accounts,
                demoAnswersAll,
                warnings);
    }

    private static Provider at(URI baseUrl, Provider provider) {
        if (!provider.baseUrl().equals(ProviderReader.SIMULATED)) return provider;
        return provider.at(baseUrl);
    }

    private static Target at(URI baseUrl, Target target) {
        return new Target(
                at(baseUrl, target.provider()),
                target.model(),
                target.set(),
                target.drop(),
                target.rename(),
                target.weight());
    }
}
