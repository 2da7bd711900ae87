package dev.freshet.gateway.config;

import dev.freshet.gateway.model.Price;
import dev.freshet.gateway.model.PriceList;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads lists of prices: the shipped one, and the operator's own.
final class PriceReader {
    private static final String SHIPPED = "prices.yaml";
    private static final Environment NO_VARIABLES = new Environment(Map.of());
    private static final List<PriceList.Entry> SHIPPED_ENTRIES = shipped();

    private PriceReader() {}

    /// The shipped list, with the operator's own before it where there is one.
    ///
    /// @throws ConfigException where that is absent or wrong
    static PriceList list(@Nullable Path own) {
        if (own == null) return new PriceList(List.of(), SHIPPED_ENTRIES);
        try {
            return new PriceList(entries(Files.readString(own), own.toString()), SHIPPED_ENTRIES);
        } catch (IOException e) {
            throw new ConfigException("prices: " + own.toAbsolutePath() + " cannot be read (" + e.getMessage()
                    + "); name a readable file, relative to the configuration's folder");
        }
    }

    private static List<PriceList.Entry> shipped() {
        try (InputStream in = Objects.requireNonNull(PriceReader.class.getResourceAsStream(SHIPPED))) {
            return entries(new String(in.readAllBytes(), StandardCharsets.UTF_8), SHIPPED);
        } catch (IOException e) {
            throw new AssertionError("a resource of ours", e);
        }
    }

    private static List<PriceList.Entry> entries(String yaml, String name) {
        Section root = new Section(new Source(name, NO_VARIABLES), "", ConfigFile.compose(yaml, name));
        List<PriceList.Entry> all = new ArrayList<>();
        for (Section entry : root.sections("prices")) add(entry, all);
        root.end();
        return List.copyOf(all);
    }

    private static void add(Section entry, List<PriceList.Entry> all) {
        String provider = entry.optional("provider").orElse(null);
        String host = entry.optional("host").orElse(null);
        List<String> models = new ArrayList<>(entry.strings("models"));
        entry.optional("model").ifPresent(models::add);
        if (models.isEmpty()) throw entry.error("expected `model`, or `models` with several that cost the same");
        Instant from = entry.parsed(
                "from", Instant.EPOCH, PriceReader::instant, "a day or a time in UTC, like 2026-08-16T16:00:00Z");
        entry.optional("source"); // for people
        Price price = new Price(rates(entry, null), tiers(entry), hours(entry), maxOutput(entry));
        entry.end();
        for (String model : models) all.add(new PriceList.Entry(provider, host, model, from, price));
    }

    private static @Nullable Long maxOutput(Section entry) {
        return entry.has("max_output") ? (long) entry.count("max_output", 0) : null;
    }

    /// @param otherwise what counts where the entry says nothing; null where it must
    private static Price.Rates rates(Section entry, Price.@Nullable Rates otherwise) {
        if (otherwise == null) {
            entry.required("input");
            entry.required("output");
        }
        return new Price.Rates(
                money(entry, "input", otherwise == null ? 0 : otherwise.input()),
                entry.has("cached_input")
                        ? Long.valueOf(money(entry, "cached_input", 0))
                        : otherwise == null ? null : otherwise.cached(),
                money(entry, "output", otherwise == null ? 0 : otherwise.output()),
                entry.has("reasoning")
                        ? Long.valueOf(money(entry, "reasoning", 0))
                        : otherwise == null ? null : otherwise.reasoning());
    }

    private static long money(Section entry, String key, long otherwise) {
        return entry.parsed(key, otherwise, Units::money, "money for a million tokens, like 0.28usd");
    }

    private static List<Price.Tier> tiers(Section entry) {
        List<Price.Tier> tiers = new ArrayList<>();
        for (Section tier : entry.sections("tiers")) {
            tier.required("above");
            tiers.add(new Price.Tier(tier.count("above", 0), rates(tier, null)));
            tier.end();
        }
        tiers.sort(Comparator.comparingLong(Price.Tier::above).reversed());
        return List.copyOf(tiers);
    }

    private static List<Price.Hours> hours(Section entry) {
        List<Price.Hours> all = new ArrayList<>();
        for (Section some : entry.sections("hours")) {
            for (String key : List.of("factor", "from", "to")) some.required(key);
            all.add(new Price.Hours(
                    some.parsed("zone", ZoneOffset.UTC, caught(ZoneId::of), "a time zone like UTC or Asia/Shanghai"),
                    days(some),
                    some.parsed("from", LocalTime.MIN, caught(LocalTime::parse), "a time of day like 09:00"),
                    some.parsed("to", LocalTime.MIN, caught(LocalTime::parse), "a time of day like 12:00"),
                    except(some),
                    some.parsed("factor", 1_000, PriceReader::thousandths, "a factor like 2 or 0.5")));
            some.end();
        }
        return List.copyOf(all);
    }

    private static Set<DayOfWeek> days(Section some) {
        if (!some.has("days")) return EnumSet.allOf(DayOfWeek.class);
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String name : some.strings("days")) {
            DayOfWeek day = List.of(DayOfWeek.values()).stream()
                    .filter(one -> one.name().substring(0, 3).equals(name.toUpperCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> some.errorAt("days", "expected days like mon, tue, wed"));
            days.add(day);
        }
        return days;
    }

    private static Set<LocalDate> except(Section some) {
        Set<LocalDate> days = new HashSet<>();
        for (String text : some.strings("except")) {
            days.add(caught(LocalDate::parse)
                    .apply(text)
                    .orElseThrow(() -> some.errorAt("except", "expected days like 2026-10-01")));
        }
        return Set.copyOf(days);
    }

    private static Optional<Integer> thousandths(String text) {
        if (!text.matches("\\d{1,3}(\\.\\d{1,3})?")) return Optional.empty();
        return Optional.of(new BigDecimal(text).movePointRight(3).intValueExact());
    }

    private static Optional<Instant> instant(String text) {
        Optional<Instant> time = caught(Instant::parse).apply(text);
        return time.isPresent()
                ? time
                : caught(LocalDate::parse)
                        .apply(text)
                        .map(day -> day.atStartOfDay(ZoneOffset.UTC).toInstant());
    }

    private static <T> Function<String, Optional<T>> caught(Function<String, T> parse) {
        return text -> {
            try {
                return Optional.of(parse.apply(text));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        };
    }
}
