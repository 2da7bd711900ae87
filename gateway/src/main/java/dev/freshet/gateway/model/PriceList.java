package dev.freshet.gateway.model;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What models cost, and since when. What is not in it has an unknown price, which is never zero. Immutable.
///
/// @param own entries of the operator's, which count before the shipped ones
public record PriceList(List<Entry> own, List<Entry> shipped) {
    public static final PriceList EMPTY = new PriceList(List.of(), List.of());

    /// What one model costs.
    ///
    /// @param provider the configuration's name of it; null for any
    /// @param host of the provider's address; null for any
    /// @param model the provider's name for it, in which `*` stands for any letters
    /// @param from since when
    public record Entry(@Nullable String provider, @Nullable String host, String model, Instant from, Price price) {
        boolean isOf(Provider asked, String name) {
            return (provider == null || provider.equals(asked.name()))
                    && (host == null || host.equalsIgnoreCase(asked.baseUrl().getHost()))
                    && Names.match(model, name);
        }
    }

    /// What a model costs at a time.
    ///
    /// @param model the provider's name for it
    /// @return null where that is not known
    public @Nullable Price find(Provider provider, String model, Instant at) {
        Price found = newest(own, provider, model, at);
        return found != null ? found : newest(shipped, provider, model, at);
    }

    private static @Nullable Price newest(List<Entry> entries, Provider provider, String model, Instant at) {
        Entry newest = null;
        for (Entry entry : entries) {
            if (entry.from().isAfter(at) || !entry.isOf(provider, model)) continue;
            if (newest == null || entry.from().isAfter(newest.from())) newest = entry;
        }
        return newest == null ? null : newest.price();
    }
}
