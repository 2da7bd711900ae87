package dev.freshet.gateway.config;

import dev.freshet.gateway.guard.Guards;
import dev.freshet.gateway.model.Provider;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// The configuration of `freshet serve` without a file: loopback, and every provider whose key is in the
/// environment.
public final class ZeroConfig {
    private ZeroConfig() {}

    /// @param known the providers to look for
    /// @param local model servers on this machine to look for
    /// @param answers whether a model server answers
    public static Config of(
            Environment environment, List<KnownProvider> known, List<Provider> local, Predicate<Provider> answers) {
        Map<String, Provider> providers = new LinkedHashMap<>();
        for (KnownProvider provider : known) {
            environment.get(provider.variable()).ifPresent(key -> providers.put(provider.name(), provider.with(key)));
        }
        for (Provider provider : local) {
            if (answers.test(provider)) providers.put(provider.name(), provider);
        }
        return new Config(
                Config.Listen.DEFAULT,
                Path.of("freshet-data"),
                Config.Access.UNSAID,
                KeyReader.ofEnvironment(environment),
                providers,
                Map.of(),
                Guards.NONE,
                Config.Streams.DEFAULT,
                Config.Limits.DEFAULT,
                new ProxyReader(environment).proxies(),
                new Config.Accounts(PriceReader.list(null), null, Map.of(), true, Config.Accounts.USUAL_KEEP),
                providers.isEmpty(),
                List.of());
    }
}
