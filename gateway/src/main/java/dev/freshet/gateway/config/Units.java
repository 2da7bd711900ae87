package dev.freshet.gateway.config;

import dev.freshet.gateway.model.Budget;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The configuration's units: durations (`250ms`, `30s`, `10m`, `2h`, `90d`), sizes (`64KiB`, `8MiB`), money
/// (`0.02usd`), shares (`5%`).
public final class Units {
    private static final Pattern QUANTITY = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)");
    private static final Map<String, Long> NANOS = Map.of(
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L,
            "d", 86_400_000_000_000L);
    private static final Map<String, Long> BYTES =
            Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "kB", 1_000L, "MB", 1_000_000L);
    private static final Map<String, Long> NANO_DOLLARS = Map.of("usd", 1_000_000_000L);

    private Units() {}

    /// A duration; empty where the text is none. A bare `0` is one.
    public static Optional<Duration> duration(String text) {
        if (text.equals("0")) return Optional.of(Duration.ZERO);
        return quantity(text, NANOS).map(Duration::ofNanos);
    }

    /// A size in bytes; empty where the text is none.
    public static Optional<Long> size(String text) {
        return quantity(text, BYTES);
    }

    /// An amount in nano-dollars; empty where the text is none.
    public static Optional<Long> money(String text) {
        return quantity(text, NANO_DOLLARS);
    }

    /// An amount for each day or month (`5usd/day`, `100usd/month`); empty where the text is none.
    public static Optional<Budget> budget(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) return Optional.empty();
        Optional<Long> money = money(text.substring(0, slash));
        return switch (text.substring(slash + 1)) {
            case "day" -> money.map(amount -> new Budget(amount, Budget.Period.DAY));
            case "month" -> money.map(amount -> new Budget(amount, Budget.Period.MONTH));
            default -> Optional.empty();
        };
    }

    /// A share (`5%`), above 0 and at most 1; empty where the text is none.
    public static Optional<Double> share(String text) {
        if (!text.matches("\\d{1,3}(\\.\\d{1,6})?%")) return Optional.empty();
        double share = Double.parseDouble(text.substring(0, text.length() - 1)) / 100;
        return share > 0 && share <= 1 ? Optional.of(share) : Optional.empty();
    }

    private static Optional<Long> quantity(String text, Map<String, Long> units) {
        Matcher matcher = QUANTITY.matcher(text);
        if (!matcher.matches()) return Optional.empty();
        Long unit = units.get(matcher.group(2));
        if (unit == null) return Optional.empty();
        try {
            return Optional.of(new BigDecimal(matcher.group(1))
                    .multiply(BigDecimal.valueOf(unit))
                    .longValueExact());
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }
}
