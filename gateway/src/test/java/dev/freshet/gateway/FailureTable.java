package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// The table of docs/failure-model.md, whose lines are what tests saw. Thread-safe.
///
/// With `-Dfreshet.write=true -Dtest='FailureModel*,BudgetWireTest'` the tests write it; without, they fail
/// where it says something else.
final class FailureTable {
    /// Shared by the tests that write it.
    static final FailureTable TABLE = new FailureTable();

    private static final Path FILE = Path.of(System.getProperty("freshet.root"), "docs", "failure-model.md");
    private static final String BEGIN = "<!-- written by the tests: begin -->\n";
    private static final String END = "<!-- written by the tests: end -->\n";

    private final Map<String, String> lines = new TreeMap<>();

    private FailureTable() {}

    /// How a stream is recorded.
    ///
    /// @param ledger what is charged: 0, U or E
    record Recorded(String outcome, String ledger) {}

    /// Adds what was seen of a row.
    ///
    /// @param row its number
    /// @param variant its place among the row's
    synchronized void saw(
            int row, int variant, String fault, String client, String another, String upstream, Recorded recorded) {
        String line = "| %d | %s | %s | %s | %s | %s | %s |\n"
                .formatted(row, fault, client, another, upstream, recorded.outcome(), recorded.ledger());
        lines.put("%03d %03d".formatted(row, variant), line);
        if (!Boolean.getBoolean("freshet.write")) {
            assertThat(read())
                    .as("run this test again with -Dfreshet.write=true, and look at the change")
                    .contains(line);
        }
    }

    /// How many lines the page has of these rows. As each test finds its own there, a right number means that
    /// there is none that no test stands behind.
    static long lines(int fromRow, int toRow) {
        return read().lines()
                .filter(line -> line.matches("\\| \\d+ \\|.*"))
                .mapToInt(line -> Integer.parseInt(line.substring(2, line.indexOf(' ', 2))))
                .filter(row -> row >= fromRow && row <= toRow)
                .count();
    }

    /// Writes the table, where that was asked for.
    synchronized void write() throws IOException {
        if (!Boolean.getBoolean("freshet.write")) return;
        String page = read();
        String head = page.substring(0, page.indexOf(BEGIN) + BEGIN.length());
        String rest = page.substring(page.indexOf(END));
        String table =
                "\n| # | fault | the client sees | with another target behind | upstream | outcome | ledger |\n|---|---|---|---|---|---|---|\n";
        Files.writeString(FILE, head + table + String.join("", lines.values()) + "\n" + rest);
    }

    private static String read() {
        try {
            return Files.readString(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
