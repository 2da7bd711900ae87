package dev.freshet.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The forms of the figures, and where they go.
///
/// @param page the name of the page and of the files beside it, without an ending
/// @param picture empty where the comparison has none
public record Report(String page, String table, String json, String picture) {
    static final String FROM = "<!-- figures: written by bench/run --save -->\n";
    static final String TO = "<!-- end of figures -->\n";

    /// Of these results.
    public static Report of(Results results, Machine machine, long lost) {
        Comparison comparison = results.comparison();
        return new Report(
                comparison.page(),
                Table.of(results, machine, lost),
                Json.of(results, machine, lost),
                comparison == Comparison.PUMP ? Picture.of(results) : "");
    }

    /// Prints the table, and leaves the rest in `bench/target`.
    public void print() throws IOException {
        writeTo(Files.createDirectories(Path.of("bench", "target")));
        System.out.println(table);
    }

    private void writeTo(Path folder) throws IOException {
        Files.writeString(folder.resolve(page + ".json"), json);
        if (!picture.isEmpty()) Files.writeString(folder.resolve(page + ".svg"), picture);
    }

    /// Writes all of it into the documentation.
    public void save(Path docs) throws IOException {
        writeTo(docs);
        Path file = docs.resolve(page + ".md");
        Files.writeString(file, intoPage(Files.readString(file)));
    }

    /// The page with the table between its markers.
    ///
    /// @throws IOException where the markers are missing
    String intoPage(String text) throws IOException {
        int from = text.indexOf(FROM);
        int to = text.indexOf(TO);
        if (from < 0 || to < from) throw new IOException("the page has no markers for the figures");
        return text.substring(0, from + FROM.length()) + "\n" + table.strip() + "\n\n" + text.substring(to);
    }
}
