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
/// With `-Dfreshet.write=true -Dtest='FailureModel*,OverloadWireTest'` the tests write it; without, they fail
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

    /// What becomes of the provider's answer and connection, over plain HTTP/1.1, over TLS, and over HTTP/2.
    record Upstream(String http1, String tls, String http2) {
        /// What is the same over all of them.
        static Upstream always(String words) {
            return new Upstream(words, "the same", "the same");
        }

        /// The words of a row, where those of TLS and HTTP/2 may be the same.
        static Upstream of(FailureRow row) {
            String plain = row.words(Front.HTTP_1_1);
            return new Upstream(
                    plain,
                    same(plain, row.words(Front.TLS)),
                    row.isIn(Front.HTTP_2) ? same(plain, row.words(Front.HTTP_2)) : "has no such thing");
        }

        private static String same(String plain, String words) {
            return !plain.isEmpty() && words.equals(plain) ? "the same" : words;
        }
    }

    /// Adds what was seen of a row.
    ///
    /// @param row its number
    /// @param variant its place among the row's
    synchronized void saw(
            int row, int variant, String fault, String client, String another, Upstream upstream, Recorded recorded) {
        String line = "| %d | %s | %s | %s | %s | %s | %s | %s | %s |\n"
                .formatted(
                        row,
                        fault,
                        client,
                        another,
                        upstream.http1(),
                        upstream.tls(),
                        upstream.http2(),
                        recorded.outcome(),
                        recorded.ledger());
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
                "\n| # | fault | the client sees | with another target behind | upstream, HTTP/1.1 | TLS | HTTP/2 | outcome | ledger |\n"
                        + "|---|---|---|---|---|---|---|---|---|\n";
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
