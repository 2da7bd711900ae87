package dev.freshet.bench.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A table of `docs/java-client.md` with a column for each contender, between two marks. A test that has seen
/// other rows than it has fails; with `-Dtable.write` they are written there. Used by one thread.
final class DocumentedTable {
    private static final Path DOCUMENT = Path.of(System.getProperty("freshet.root"), "docs/java-client.md");
    private static final boolean WRITING = System.getProperty("table.write") != null;

    private final String name;
    private final List<List<String>> rows = new ArrayList<>();
    private final int first;

    /// @param name what its marks call it
    /// @param titles of the columns before the contenders'
    DocumentedTable(String name, List<String> titles) {
        this.name = name;
        first = titles.size();
        List<String> head = new ArrayList<>(titles);
        Contender.ALL.forEach(kind -> head.add(kind.name()));
        rows.add(head);
        rows.add(head.stream().map(_ -> "---").toList());
    }

    void add(List<String> cells) {
        rows.add(List.copyOf(cells));
    }

    /// Whether the document says so of a contender in the row that begins with a cell. A row that is not there
    /// says that all are right; while the table is written there is nothing to compare with.
    boolean says(String row, Contender.Kind kind, String cell) throws IOException {
        if (WRITING) return true;
        String expected = cell.isEmpty() ? "right" : cell;
        return between()
                .lines()
                .filter(line -> line.startsWith("| " + row + " |"))
                .findFirst()
                .map(line -> line.split("\\|", -1)[1 + first + Contender.ALL.indexOf(kind)].strip())
                .orElse("right")
                .equals(expected);
    }

    /// Fails where the document says something else.
    void assertDocumented() throws IOException {
        StringBuilder table = new StringBuilder();
        rows.forEach(row -> table.append("| ").append(String.join(" | ", row)).append(" |\n"));
        if (!WRITING) {
            assertThat(between().strip())
                    .as("the table of %s in %s; what was seen is\n%s", name, DOCUMENT, table)
                    .isEqualTo(table.toString().strip());
            return;
        }
        String document = Files.readString(DOCUMENT);
        String old = between();
        int from = document.indexOf(old);
        Files.writeString(
                DOCUMENT, document.substring(0, from) + "\n" + table + "\n" + document.substring(from + old.length()));
    }

    private String between() throws IOException {
        String begin = "<!-- written by a test: " + name + ", begin -->\n";
        String document = Files.readString(DOCUMENT);
        int from = document.indexOf(begin);
        int to = document.indexOf("<!-- written by a test: " + name + ", end -->");
        assertThat(from).as("%s marks the table %s", DOCUMENT, name).isBetween(0, to);
        return document.substring(from + begin.length(), to);
    }
}
