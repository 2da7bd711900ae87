package dev.freshet.cli;

import dev.freshet.gateway.access.KeyStore;
import dev.freshet.gateway.access.KeyStoreException;
import dev.freshet.gateway.config.ConfigException;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.config.Units;
import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Budget;
import dev.freshet.gateway.model.Key;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `freshet keys`: the gateway's own keys, also while it runs: it takes notice within a second.
@Command(name = "keys", description = "Make, list and revoke the gateway's own API keys.")
final class KeysCommand implements Runnable {
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._@/+-]{0,99}");
    private static final int NANO_DIGITS = 9;
    private static final Pattern DURATION = Pattern.compile("(\\d{1,5})(m|h|d)");

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say which: keys create, keys list or keys revoke");
    }

    private static KeyStore store(@Nullable Path file) {
        Environment environment = Environment.of(System.getenv(), Path.of("").toAbsolutePath());
        Path data = new Settings(file, null, null, List.of(), environment).data();
        DataFolder.make(data);
        return new KeyStore(data);
    }

    private static long now() {
        return System.currentTimeMillis() / 1000;
    }

    private static String named(String option, String value) {
        if (NAME.matcher(value).matches()) return value;
        throw new ConfigException(option + " takes a name of up to 100 letters, digits, spaces and . _ @ / + -");
    }

    private static @Nullable Integer atLeastOne(String option, @Nullable Integer count) {
        if (count != null && count < 1) throw new ConfigException(option + " takes a number from 1 on");
        return count;
    }

    /// `freshet keys create`.
    @Command(name = "create", description = "Make a key. Its text is printed once, alone, and kept nowhere.")
    int create(
            @Option(names = "--name", paramLabel = "NAME", required = true, description = "What it is for.")
                    String name,
            @Option(
                            names = "--owner",
                            paramLabel = "OWNER",
                            description = "Whose streams its own are; else only its own.")
                    @Nullable
                    String owner,
            @Option(names = "--team", paramLabel = "TEAM", description = "For reports.") @Nullable String team,
            @Option(
                            names = "--models",
                            paramLabel = "MODELS",
                            split = ",",
                            description = "The models that it may ask for; * stands for any letters.")
                    String @Nullable [] models,
            @Option(
                            names = "--expires",
                            paramLabel = "WHEN",
                            description = "How long it is good (90d, 12h, 30m), or its last day (2027-01-31).")
                    @Nullable
                    String expires,
            @Option(names = "--rpm", paramLabel = "N", description = "How many answers it may ask for in a minute.")
                    @Nullable
                    Integer rpm,
            @Option(names = "--streams", paramLabel = "N", description = "How many may run at once.") @Nullable
                    Integer streams,
            @Option(
                            names = "--tpm",
                            paramLabel = "N",
                            description = "How many tokens it may take in a minute, prompts and answers.")
                    @Nullable
                    Integer tpm,
            @Option(
                            names = "--budget",
                            paramLabel = "MONEY",
                            description = "What it may spend: 5usd/day or 100usd/month.")
                    @Nullable
                    String budget,
            @Option(names = "-c", paramLabel = "FILE", description = "The configuration that names the data folder.")
                    @Nullable
                    Path file) {
        List<String> allowed = models == null ? List.of() : Arrays.asList(models);
        if (allowed.stream().anyMatch(String::isBlank))
            throw new ConfigException("--models takes names, with commas between");
        KeyStore.Wanted wanted = new KeyStore.Wanted(
                named("--name", name),
                owner == null ? null : named("--owner", owner),
                team == null ? null : named("--team", team),
                new Allowance(
                        allowed,
                        atLeastOne("--rpm", rpm),
                        atLeastOne("--tpm", tpm),
                        atLeastOne("--streams", streams),
                        budget == null ? null : budget(budget)),
                expires == null ? null : expiry(expires));
        try {
            PrintWriter out = spec.commandLine().getOut();
            out.println(store(file).create(wanted, now()));
            out.flush();
            return 0;
        } catch (KeyStoreException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    private static Budget budget(String text) {
        return Units.budget(text)
                .orElseThrow(() -> new ConfigException(
                        "--budget takes money for each day or month, like 5usd/day or" + " 100usd/month"));
    }

    private static long expiry(String text) {
        Matcher duration = DURATION.matcher(text);
        if (duration.matches()) {
            long seconds = switch (duration.group(2)) {
                case "m" -> 60;
                case "h" -> 3_600;
                default -> 86_400;
            };
            return now() + Long.parseLong(duration.group(1)) * seconds;
        }
        try {
            long end = LocalDate.parse(text)
                    .plusDays(1)
                    .atStartOfDay(ZoneOffset.UTC)
                    .toEpochSecond();
            if (end > now()) return end;
        } catch (DateTimeException e) {
            // said below
        }
        throw new ConfigException("--expires takes a time like 90d, 12h or 30m, or a day to come like 2027-01-31");
    }

    /// `freshet keys list`.
    @Command(name = "list", description = "List the keys; never their texts.")
    int list(
            @Option(names = "-c", paramLabel = "FILE", description = "The configuration that names the data folder.")
                    @Nullable
                    Path file) {
        PrintWriter out = spec.commandLine().getOut();
        String row = "%-10s  %-20s  %-16s  %-12s  %-16s  %-10s  %s%s%n";
        out.printf(row, "id", "name", "owner", "team", "models", "created", "state", "");
        for (Key key : keys(store(file))) {
            String models = key.allowance().models().isEmpty()
                    ? "all"
                    : String.join(",", key.allowance().models());
            out.printf(
                    row,
                    key.id(),
                    key.name(),
                    text(key.owner()),
                    text(key.team()),
                    models,
                    day(key.created()),
                    state(key),
                    limits(key.allowance()));
        }
        out.flush();
        return 0;
    }

    private static List<Key> keys(KeyStore store) {
        try {
            return store.list();
        } catch (KeyStoreException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    private static String text(@Nullable String value) {
        return value == null ? "-" : value;
    }

    private static String day(long seconds) {
        return DateTimeFormatter.ISO_LOCAL_DATE.format(
                Instant.ofEpochSecond(seconds).atOffset(ZoneOffset.UTC));
    }

    private static String limits(Allowance allowance) {
        StringBuilder limits = new StringBuilder();
        if (allowance.rpm() != null) limits.append("; rpm ").append(allowance.rpm());
        if (allowance.tpm() != null) limits.append("; tpm ").append(allowance.tpm());
        if (allowance.streams() != null) limits.append("; streams ").append(allowance.streams());
        Budget budget = allowance.budget();
        if (budget != null) {
            String amount = BigDecimal.valueOf(budget.nanoUsd(), NANO_DIGITS)
                    .stripTrailingZeros()
                    .toPlainString();
            limits.append("; ")
                    .append(amount)
                    .append("usd/")
                    .append(budget.period().name().toLowerCase(Locale.ROOT));
        }
        return limits.toString();
    }

    private static String state(Key key) {
        if (key.revoked() != null) return "revoked " + day(key.revoked());
        if (key.expires() == null) return "good";
        return (key.good(now()) ? "good until " : "expired ") + Instant.ofEpochSecond(key.expires());
    }

    /// `freshet keys revoke`.
    @Command(name = "revoke", description = "Revoke a key for good. What runs with it ends within seconds.")
    int revoke(
            @Parameters(paramLabel = "KEY", description = "Its id, or its name where only one has that.") String which,
            @Option(names = "-c", paramLabel = "FILE", description = "The configuration that names the data folder.")
                    @Nullable
                    Path file) {
        KeyStore store = store(file);
        List<Key> found = keys(store).stream()
                .filter(key ->
                        key.id().equals(which) || key.name().equals(which) || which.startsWith("fsh_" + key.id()))
                .filter(key -> key.revoked() == null)
                .toList();
        if (found.isEmpty()) throw new ConfigException("there is no such key; `freshet keys list` shows the ids");
        if (found.size() > 1)
            throw new ConfigException("several keys have this name; `freshet keys list` shows their ids");
        store.revoke(found.getFirst().id(), now());
        spec.commandLine()
                .getOut()
                .println("revoked " + found.getFirst().id() + " ("
                        + found.getFirst().name() + ")");
        spec.commandLine().getOut().flush();
        return 0;
    }
}
