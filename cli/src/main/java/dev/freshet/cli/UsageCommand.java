package dev.freshet.cli;

import dev.freshet.gateway.access.KeyStore;
import dev.freshet.gateway.access.KeyStoreException;
import dev.freshet.gateway.config.ConfigException;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.meter.Ledger;
import dev.freshet.gateway.meter.LedgerException;
import dev.freshet.gateway.meter.Report;
import dev.freshet.gateway.meter.SavingsReport;
import dev.freshet.gateway.model.Key;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Spent;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// `freshet usage`: what was spent, also while the gateway runs.
@Command(name = "usage", description = "Show what was spent.")
final class UsageCommand implements Callable<Integer> {
    private static final Pattern DAYS = Pattern.compile("(\\d{1,5})d");
    private static final JsonFactory JSON = new JsonFactory();
    private static final int NANO_DIGITS = 9;

    @Option(names = "-c", paramLabel = "FILE", description = "The configuration that names the data folder.")
    @Nullable
    Path file;

    @Option(
            names = "--by",
            paramLabel = "WHAT",
            defaultValue = "model",
            description = "What the rows are: key, owner, team, model, provider, day, user or tag.")
    String by = "model";

    @Option(
            names = "--since",
            paramLabel = "WHEN",
            defaultValue = "30d",
            description = "The first day: 2026-11-01, or so many days ago: 30d. Days are UTC's.")
    String since = "30d";

    @Option(names = "--savings", description = "What guards' stops saved, net, with intervals.")
    boolean savings;

    @Option(names = "--json", description = "As JSON.")
    boolean json;

    @Option(names = "--csv", description = "As CSV.")
    boolean csv;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Override
    public Integer call() {
        if (json && csv) throw new ConfigException("take --json or --csv, not both");
        Report.By rows = by();
        LocalDate first = first();
        Path data = new Settings(file, null, null, List.of(), environment()).data();
        PrintWriter out = spec.commandLine().getOut();
        if (savings) return savings(out, data, first);
        Map<String, Spent> spent = read(data, new Report(rows, first.toEpochDay(), null)::read);
        Map<String, Spent> named = rows == Report.By.KEY ? withNames(data, spent) : spent;
        if (json) json(out, rows, first, named);
        else if (csv) csv(out, rows, named);
        else table(out, rows, first, named);
        out.flush();
        return 0;
    }

    private static Environment environment() {
        return Environment.of(System.getenv(), Path.of("").toAbsolutePath());
    }

    private int savings(PrintWriter out, Path data, LocalDate first) {
        Map<SavedBy, Saved> saved = read(data, new SavingsReport(first.toEpochDay(), null)::read);
        if (json) SavingsTable.json(out, first, saved);
        else if (csv) SavingsTable.csv(out, saved);
        else SavingsTable.table(out, first, saved);
        out.flush();
        return 0;
    }

    private static <T> T read(Path data, Ledger.Question<T> question) {
        try {
            return Ledger.ask(data, question);
        } catch (LedgerException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    private Report.By by() {
        for (Report.By one : Report.By.values()) if (one.word().equals(by)) return one;
        throw new ConfigException("--by takes key, owner, team, model, provider, day, user or tag");
    }

    private LocalDate first() {
        Matcher days = DAYS.matcher(since);
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        if (days.matches()) return today.minusDays(Long.parseLong(days.group(1)));
        try {
            return LocalDate.parse(since);
        } catch (DateTimeException e) {
            throw new ConfigException("--since takes a day like 2026-11-01, or so many days like 30d");
        }
    }

    /// People know keys by their names.
    private static Map<String, Spent> withNames(Path data, Map<String, Spent> byId) {
        Map<String, String> names;
        try {
            names = new KeyStore(data).list().stream().collect(Collectors.toMap(Key::id, Key::name));
        } catch (KeyStoreException e) {
            names = Map.of();
        }
        Map<String, Spent> named = new LinkedHashMap<>();
        for (Map.Entry<String, Spent> one : byId.entrySet()) {
            String name = names.get(one.getKey());
            named.put(name == null ? one.getKey() : name + " (" + one.getKey() + ")", one.getValue());
        }
        return named;
    }

    private static void table(PrintWriter out, Report.By by, LocalDate since, Map<String, Spent> rows) {
        List<String[]> lines = new ArrayList<>();
        lines.add(new String[] {by.word(), "requests", "prompt", "cached", "completion", "reasoning", "cost", ""});
        rows.forEach((name, spent) -> lines.add(line(name.isEmpty() ? "-" : name, spent)));
        lines.add(line("all", rows.values().stream().reduce(Spent.NOTHING, Spent::plus)));
        out.println("since " + since + ", UTC; tokens, and US dollars");
        Columns.print(out, lines, 1);
    }

    private static String[] line(String name, Spent spent) {
        List<String> notes = new ArrayList<>();
        if (spent.estimated() > 0) notes.add(spent.estimated() + " estimated");
        if (spent.unknown() > 0) notes.add(spent.unknown() + " of unknown cost");
        if (spent.atRisk() > 0) notes.add(spent.atRisk() + " attempts at risk");
        return new String[] {
            name,
            count(spent.requests()),
            count(spent.prompt()),
            count(spent.cached()),
            count(spent.completion()),
            count(spent.reasoning()),
            dollars(spent.nanoUsd()).setScale(4, RoundingMode.HALF_UP).toPlainString(),
            String.join(", ", notes)
        };
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static BigDecimal dollars(long nanoUsd) {
        return BigDecimal.valueOf(nanoUsd, NANO_DIGITS);
    }

    private static void csv(PrintWriter out, Report.By by, Map<String, Spent> rows) {
        out.println(by.word() + ",requests,prompt_tokens,cached_tokens,completion_tokens,reasoning_tokens,estimated,"
                + "unknown_cost,attempts_at_risk,nano_usd");
        rows.forEach((name, spent) -> out.println(String.join(
                ",",
                quoted(name),
                String.valueOf(spent.requests()),
                String.valueOf(spent.prompt()),
                String.valueOf(spent.cached()),
                String.valueOf(spent.completion()),
                String.valueOf(spent.reasoning()),
                String.valueOf(spent.estimated()),
                String.valueOf(spent.unknown()),
                String.valueOf(spent.atRisk()),
                String.valueOf(spent.nanoUsd()))));
    }

    /// RFC 4180; and a text that a spreadsheet would take for a formula is none.
    static String quoted(String text) {
        String safe = text.matches("[=+\\-@\\t].*") ? "'" + text : text;
        return safe.matches("[A-Za-z0-9_./ ()*:-]*") ? safe : '"' + safe.replace("\"", "\"\"") + '"';
    }

    private static void json(PrintWriter out, Report.By by, LocalDate since, Map<String, Spent> rows) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeName("object").writeString("freshet.usage");
            json.writeName("since").writeString(since.toString());
            json.writeName("by").writeString(by.word());
            json.writeName("rows").writeStartArray();
            rows.forEach((name, spent) -> row(json, by.word(), name, spent));
            json.writeEndArray();
            json.writeName("total");
            row(json, null, "", rows.values().stream().reduce(Spent.NOTHING, Spent::plus));
            json.writeEndObject();
        }
        out.println(text);
    }

    private static void row(JsonGenerator json, @Nullable String of, String name, Spent spent) {
        json.writeStartObject();
        if (of != null) json.writeName(of).writeString(name);
        json.writeName("requests").writeNumber(spent.requests());
        json.writeName("prompt_tokens").writeNumber(spent.prompt());
        json.writeName("cached_tokens").writeNumber(spent.cached());
        json.writeName("completion_tokens").writeNumber(spent.completion());
        json.writeName("reasoning_tokens").writeNumber(spent.reasoning());
        json.writeName("estimated").writeNumber(spent.estimated());
        json.writeName("unknown_cost").writeNumber(spent.unknown());
        json.writeName("attempts_at_risk").writeNumber(spent.atRisk());
        json.writeName("nano_usd").writeNumber(spent.nanoUsd());
        json.writeEndObject();
    }
}
