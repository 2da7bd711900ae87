package dev.freshet.cli;

import java.io.PrintWriter;
import java.util.List;

/// A table of text in columns. Stateless.
final class Columns {
    private Columns() {}

    /// @param lines which all have the same number of cells, the headings first
    /// @param left how many columns, and the last one, are words that begin at the left; the others are numbers
    static void print(PrintWriter out, List<String[]> lines, int left) {
        int last = lines.getFirst().length - 1;
        int[] widths = new int[last + 1];
        for (String[] line : lines) for (int i = 0; i <= last; i++) widths[i] = Math.max(widths[i], line[i].length());
        for (String[] line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i <= last; i++) {
                String pad = " ".repeat(widths[i] - line[i].length());
                text.append(i == 0 ? "" : "  ").append(i < left || i == last ? line[i] + pad : pad + line[i]);
            }
            out.println(text.toString().stripTrailing());
        }
    }
}
