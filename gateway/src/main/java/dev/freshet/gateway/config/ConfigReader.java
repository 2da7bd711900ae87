package dev.freshet.gateway.config;

import dev.freshet.gateway.guard.Guards;
import dev.freshet.gateway.model.HashedKey;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Provider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/// Turns the file's sections into a [Config]. The whole schema of the contract is read and checked. What has
/// no effect gives a warning, and what this version does not do yet an error.
final class ConfigReader {
    private final Section root;
    private final Path folder;
    private final Environment environment;
    private final List<String> warnings = new ArrayList<>();

    /// @param folder that the file lies in
    ConfigReader(Section root, Path folder, Environment environment) {
        this.root = root;
        this.folder = folder;
        this.environment = environment;
    }

    Config config() {
        Config.Listen listen = listen(root.section("listen"));
        Path data = Path.of(root.string("data", "freshet-data"));
        Config.Access access = access();
        List<HashedKey> keys = new KeyReader(root, environment).keys();
        Map<String, Provider> providers = new ProviderReader(root.section("providers")).providers();
        Guards guards = GuardsReader.read(root, folder);
        Map<String, Model> models = new ModelReader(
                        root.section("models"), providers, guards.byName().keySet())
                .models();
        GuardsReader.check(root, guards, models);
        Config.Streams streams = streams(root.section("streams"));
        Config.Limits limits = limits(root.section("limits"));
        Config.Accounts accounts = new AccountsReader(root, folder).accounts();
        root.end();
        warnOfAudits(guards, accounts);
        return new Config(
                listen,
                data,
                access,
                keys,
                providers,
                models,
                guards,
                streams,
                limits,
                new ProxyReader(environment).proxies(),
                accounts,
                providers.isEmpty(),
                List.copyOf(warnings));
    }

    private Config.Listen listen(Section section) {
        Config.Listen otherwise = Config.Listen.DEFAULT;
        int port = section.parsed(
                "port",
                otherwise.port(),
                text -> text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65_535
                        ? Optional.of(Integer.parseInt(text))
                        : Optional.empty(),
                "a port from 0 to 65535 (0: any free one)");
        Config.Listen listen = new Config.Listen(
                section.string("host", otherwise.host()),
                port,
                section.strings("names"),
                section.has("tls") ? new TlsReader(section.section("tls"), folder).tls() : null,
                section.stringOrStrings("cors"));
        section.end();
        return listen;
    }

    private Config.Access access() {
        String access = root.choice("access", "", "keys", "open");
        return switch (access) {
            case "keys" -> Config.Access.KEYS;
            case "open" -> Config.Access.OPEN;
            default -> Config.Access.UNSAID;
        };
    }

    private Config.Streams streams(Section section) {
        Config.Streams otherwise = Config.Streams.DEFAULT;
        Config.Streams streams = new Config.Streams(
                section.choice("store", "memory", "memory", "disk").equals("disk")
                        ? Config.Store.DISK
                        : Config.Store.MEMORY,
                section.choice("sync", "normal", "normal", "full").equals("full"),
                section.duration("keep", otherwise.keep()),
                section.size("max_size", otherwise.maxSize()),
                bytes(section, "max_event", otherwise.maxEvent()),
                section.size("max_memory", otherwise.maxMemory()),
                section.duration("head_after", otherwise.headAfter()),
                section.duration("grace", otherwise.grace()),
                section.duration("max_grace", otherwise.maxGrace()),
                positive(section, "heartbeat", otherwise.heartbeat()));
        if (streams.grace().compareTo(streams.maxGrace()) > 0) {
            throw section.errorAt("grace", "`grace` is longer than `max_grace`; raise that, or lower this");
        }
        section.end();
        return streams;
    }

    private Config.Limits limits(Section section) {
        Config.Limits otherwise = Config.Limits.DEFAULT;
        Config.Limits limits = new Config.Limits(
                bytes(section, "body", otherwise.body()),
                bytes(section, "header", otherwise.header()),
                section.duration("head_timeout", otherwise.headTimeout()),
                section.duration("body_timeout", otherwise.bodyTimeout()),
                positive(section, "write_timeout", otherwise.writeTimeout()),
                section.duration("drain", otherwise.drain()),
                section.count("streams", otherwise.streams()),
                section.count("streams_per_key", otherwise.streamsPerKey()),
                section.count("readers_per_stream", otherwise.readersPerStream()),
                section.count("readers", otherwise.readers()));
        section.end();
        return limits;
    }

    private static Duration positive(Section section, String key, Duration otherwise) {
        Duration duration = section.duration(key, otherwise);
        if (duration.isZero()) throw section.errorAt(key, "expected more than 0");
        return duration;
    }

    private static int bytes(Section section, String key, int otherwise) {
        long size = section.size(key, otherwise);
        if (size > 1 << 30) throw section.errorAt(key, "at most 1GiB");
        return (int) size;
    }

    /// What is measured must be written down somewhere.
    private void warnOfAudits(Guards guards, Config.Accounts accounts) {
        if (accounts.ledger()) return;
        guards.byName().forEach((name, guard) -> {
            if (guard.audit() != null)
                warnings.add("`guards." + name + ".audit` finds out nothing, because of `ledger: off`");
        });
    }

    /// The file's named entries, in its order.
    static <T> Map<String, T> named(Section section, BiFunction<String, Section, T> reader) {
        Map<String, T> found = new LinkedHashMap<>();
        for (String name : section.keys()) found.put(name, reader.apply(name, section.section(name)));
        return found;
    }
}
