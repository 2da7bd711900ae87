package dev.freshet.cli;

import dev.freshet.gateway.http.SavingsJson;
import dev.freshet.gateway.model.Estimate;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// What `freshet usage --savings` shows. Stateless.
final class SavingsTable {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int NANO_DIGITS = 9;

    private SavingsTable() {}

    static void table(PrintWriter out, LocalDate since, Map<SavedBy, Saved> rows) {
        out.println("since " + since + ", UTC; US dollars; an interval holds the truth 95 of 100 times");
        List<String[]> lines = new ArrayList<>();
        lines.add(new String[] {
            "rule", "model", "stops", "n", "avoided tokens", "avoided", "retries", "judges", "holdout", "net", "pays"
        });
        rows.forEach((by, saved) -> lines.add(line(by, saved)));
        Columns.print(out, lines, 2);
        if (rows.isEmpty()) out.println("No guard stopped an answer.");
        rows.forEach((by, saved) -> note(out, by, saved));
    }

    private static String[] line(SavedBy by, Saved saved) {
        return new String[] {
            by.rule(),
            by.model(),
            count(saved.stops()) + (saved.uncredited() == 0 ? "" : " + " + count(saved.uncredited())),
            count(saved.tokens().n()),
            tokens(saved.avoidedTokens()),
            dollars(saved.avoidedNanoUsd()),
            dollars(saved.retries().nanoUsd()),
            dollars(saved.judges().nanoUsd()),
            dollars((long) saved.nanoUsd().sum()),
            dollars(saved.net()),
            saved.pays().word()
        };
    }

    private static void note(PrintWriter out, SavedBy by, Saved saved) {
        String who = by.rule() + " for " + by.model() + ": ";
        if (saved.uncredited() > 0)
            out.println(who + saved.uncredited()
                    + " uncredited stops: their provider bills on, or the answer had ended, or was a retry itself");
        if (saved.stops() > 0 && saved.tokens().n() < Saved.LEAST)
            out.println(who + "not estimated, because n is under " + Saved.LEAST
                    + "; `audit: {holdout: 5%}` in the guard lets some answers run on");
        if (saved.unknown() > 0) out.println(who + "a price is not known, so nothing is said of money (`prices`)");
        if (saved.mistaken() > 0)
            out.println(who + "its judge would not have stopped " + saved.mistaken() + " of "
                    + saved.tokens().n() + ", had it seen the whole answer");
        if (saved.pays() == Saved.Pays.NO) out.println(who + "its stops cost more than they save");
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String tokens(@Nullable Estimate estimate) {
        if (estimate == null) return "not estimated";
        return count(Math.round(estimate.mean()))
                + interval(count(Math.round(estimate.low())), count(Math.round(estimate.high())), estimate);
    }

    private static String dollars(@Nullable Estimate estimate) {
        if (estimate == null) return "not estimated";
        return dollars(Math.round(estimate.mean()))
                + interval(dollars(Math.round(estimate.low())), dollars(Math.round(estimate.high())), estimate);
    }

    private static String interval(String low, String high, Estimate estimate) {
        return estimate.low() == estimate.high() ? "" : " (" + low + " to " + high + ")";
    }

    private static String dollars(long nanoUsd) {
        return BigDecimal.valueOf(nanoUsd, NANO_DIGITS)
                .setScale(4, RoundingMode.HALF_UP)
                .toPlainString();
    }

    static void csv(PrintWriter out, Map<SavedBy, Saved> rows) {
        out.println("rule,model,stops,uncredited_stops,held,n,avoided_tokens,avoided_tokens_low,avoided_tokens_high,"
                + "avoided_nano_usd,avoided_nano_usd_low,avoided_nano_usd_high,retries_nano_usd,judges_nano_usd,"
                + "holdout_nano_usd,net_nano_usd,net_nano_usd_low,net_nano_usd_high,judge_mistaken,pays");
        rows.forEach((by, saved) -> {
            List<String> cells =
                    new ArrayList<>(List.of(UsageCommand.quoted(by.rule()), UsageCommand.quoted(by.model())));
            for (long number : new long[] {
                saved.stops(), saved.uncredited(), saved.held(), saved.tokens().n()
            }) cells.add(String.valueOf(number));
            bounds(cells, saved.avoidedTokens());
            bounds(cells, saved.avoidedNanoUsd());
            cells.add(String.valueOf(saved.retries().nanoUsd()));
            cells.add(String.valueOf(saved.judges().nanoUsd()));
            cells.add(String.valueOf((long) saved.nanoUsd().sum()));
            bounds(cells, saved.net());
            cells.add(String.valueOf(saved.mistaken()));
            cells.add(saved.pays().word());
            out.println(String.join(",", cells));
        });
    }

    /// Empty cells where it is not estimated.
    private static void bounds(List<String> cells, @Nullable Estimate estimate) {
        if (estimate == null) {
            cells.addAll(List.of("", "", ""));
            return;
        }
        for (double bound : new double[] {estimate.mean(), estimate.low(), estimate.high()})
            cells.add(String.valueOf(Math.round(bound)));
    }

    static void json(PrintWriter out, LocalDate since, Map<SavedBy, Saved> rows) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeName("object").writeString("freshet.savings");
            json.writeName("since").writeString(since.toString());
            json.writeName("rows");
            SavingsJson.write(json, rows);
            json.writeEndObject();
        }
        out.println(text);
    }
}
