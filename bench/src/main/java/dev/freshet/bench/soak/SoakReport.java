package dev.freshet.bench.soak;

import dev.freshet.bench.report.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The figures of a soak as Markdown, and as a picture.
///
/// @param did a line for each behaviour
/// @param faults what clients found wrong, and what was logged as a fault
record SoakReport(Machine machine, List<Sample> samples, List<String> did, List<String> faults) {
    static final String FROM = "<!-- figures: written by bench/soak --save -->\n";
    static final String TO = "<!-- end of figures -->\n";
    private static final int ROWS = 13;
    private static final int WIDTH = 720;
    private static final int LEFT = 8;
    private static final int RIGHT = 150;
    private static final int ROW = 78;
    private static final int HIGH = 44;

    List<Flatness> flatness() {
        return List.of(Sample.Figure.values()).stream()
                .map(figure -> Flatness.of(figure, samples))
                .toList();
    }

    boolean passed() {
        return faults.isEmpty() && flatness().stream().allMatch(Flatness::flat);
    }

    String table() {
        StringBuilder text = new StringBuilder(machine.text()).append("\n\n");
        text.append(
                "| figure | mean of the second half | grows over it by | may grow by | |\n|---|---:|---:|---:|---|\n");
        for (Flatness each : flatness()) {
            text.append("| %s | %s | %s | %s | %s |\n"
                    .formatted(
                            each.figure().text(),
                            number(each.mean()),
                            number(each.growth()),
                            number(each.allowed()),
                            each.flat() ? "flat" : "**grows**"));
        }
        text.append("\n| what clients did | so often |\n|---|---:|\n");
        did.forEach(text::append);
        text.append("| tokens lost, streams without one end, errors logged | %d%s |\n"
                .formatted(faults.size(), faults.isEmpty() ? "" : " **fail**"));
        text.append("\n| after");
        for (Sample.Figure figure : Sample.Figure.values()) text.append(" | ").append(figure.text());
        text.append(" |\n|---:")
                .append("|---:".repeat(Sample.Figure.values().length))
                .append("|\n");
        for (Sample sample : some()) {
            text.append("| %d:%02d".formatted(sample.seconds() / 60, sample.seconds() % 60));
            for (Sample.Figure figure : Sample.Figure.values())
                text.append(" | ").append(number(figure.of(sample)));
            text.append(" |\n");
        }
        return text.toString();
    }

    private List<Sample> some() {
        List<Sample> some = new ArrayList<>();
        int rows = Math.min(ROWS, samples.size());
        for (int i = 0; i < rows; i++) some.add(samples.get(i * (samples.size() - 1) / (rows - 1)));
        return some;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value == Math.rint(value) ? "%,.0f" : "%,.1f", value);
    }

    /// A line for each figure over time, from zero: an SVG that follows the reader's light or dark setting.
    String picture() {
        Sample.Figure[] figures = Sample.Figure.values();
        StringBuilder svg = new StringBuilder("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" \
                aria-label="What Freshet uses over time">
                <style>
                text { font: 14px system-ui, sans-serif; fill: #24292f }
                .title { font-weight: 600 }
                polyline { fill: none; stroke: #0a7ea4; stroke-width: 2 }
                line { stroke: #8c959f }
                @media (prefers-color-scheme: dark) {
                  text { fill: #e6edf3 }
                  polyline { stroke: #39b5e0 }
                  line { stroke: #6e7681 }
                }
                </style>
                """.formatted(WIDTH, ROW * figures.length + 8));
        for (int i = 0; i < figures.length; i++) line(svg, figures[i], ROW * i);
        return svg.append("</svg>\n").toString();
    }

    private void line(StringBuilder svg, Sample.Figure figure, int top) {
        double most = samples.stream().mapToDouble(figure::of).max().orElseThrow();
        long end = Math.max(1, samples.getLast().seconds());
        int bottom = top + 24 + HIGH;
        StringBuilder points = new StringBuilder();
        for (Sample sample : samples) {
            points.append("%d,%d "
                    .formatted(
                            LEFT + sample.seconds() * (WIDTH - LEFT - RIGHT) / end,
                            Math.round(bottom - figure.of(sample) / Math.max(1, most) * HIGH)));
        }
        svg.append("<text class=\"title\" x=\"%d\" y=\"%d\">%s</text>\n".formatted(LEFT, top + 16, figure.text()));
        svg.append("<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n".formatted(LEFT, bottom, WIDTH - RIGHT, bottom));
        svg.append("<polyline points=\"%s\"/>\n".formatted(points.toString().strip()));
        svg.append("<text x=\"%d\" y=\"%d\">%s, at most %s</text>\n"
                .formatted(WIDTH - RIGHT + 8, bottom - HIGH / 2, number(figure.of(samples.getLast())), number(most)));
    }

    /// Leaves both in a folder.
    void leave(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("soak.svg"), picture());
        Files.writeString(folder.resolve("soak.md"), table());
    }

    /// Writes both into the documentation.
    void save(Path docs) throws IOException {
        Files.writeString(docs.resolve("soak.svg"), picture());
        Path page = docs.resolve("soak.md");
        Files.writeString(page, intoPage(Files.readString(page)));
    }

    /// @throws IOException where the markers are missing
    String intoPage(String text) throws IOException {
        int from = text.indexOf(FROM);
        int to = text.indexOf(TO);
        if (from < 0 || to < from) throw new IOException("the page has no markers for the figures");
        return text.substring(0, from + FROM.length()) + "\n" + table().strip() + "\n\n" + text.substring(to);
    }
}
