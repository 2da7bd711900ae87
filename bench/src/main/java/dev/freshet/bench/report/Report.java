package dev.freshet.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The three forms of the figures, and where they go.
public record Report(String table, String json, String picture) {
    static final String FROM = "<!-- figures: written by bench/run --save -->\n";
    static final String TO = "<!-- end of figures -->\n";

    /// Of these results.
    public static Report of(Results results, Machine machine, long lost) {
        return new Report(Table.of(results, machine, lost), Json.of(results, machine, lost), Picture.of(results));
    }

    /// Prints the table, and leaves JSON and picture in `bench/target`.
    public void print() throws IOException {
        Path folder = Files.createDirectories(Path.of("bench", "target"));
        Files.writeString(folder.resolve("benchmarks.json"), json);
        Files.writeString(folder.resolve("benchmarks.svg"), picture);
        System.out.println(table);
    }

    /// Writes all three into the documentation.
    public void save(Path docs) throws IOException {
        Files.writeString(docs.resolve("benchmarks.json"), json);
        Files.writeString(docs.resolve("benchmarks.svg"), picture);
        Path page = docs.resolve("benchmarks.md");
        Files.writeString(page, intoPage(Files.readString(page)));
    }

    /// The page with the table between its markers.
    ///
    /// @throws IOException where the markers are missing
    String intoPage(String page) throws IOException {
        int from = page.indexOf(FROM);
        int to = page.indexOf(TO);
        if (from < 0 || to < from) throw new IOException("the page has no markers for the figures");
        return page.substring(0, from + FROM.length()) + "\n" + table.strip() + "\n\n" + page.substring(to);
    }
}
