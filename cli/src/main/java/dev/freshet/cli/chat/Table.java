package dev.freshet.cli.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TableHead;
import org.commonmark.node.Node;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/// A table as rows of a terminal. Where it is too wide, its widest columns get narrower, and their cells
/// longer.
final class Table {
    private static final AttributedStyle LINES = AttributedStyle.DEFAULT.faint();
    private static final AttributedString BETWEEN = new AttributedString(" │ ", LINES);
    private static final int NARROWEST = 4;

    private Table() {}

    static List<AttributedString> rows(TableBlock table, int width) {
        List<List<AttributedString>> cells = new ArrayList<>();
        List<TableCell.Alignment> alignments = new ArrayList<>();
        for (Node part : Markdown.children(table)) {
            boolean head = part instanceof TableHead;
            AttributedStyle style = head ? AttributedStyle.DEFAULT.bold() : AttributedStyle.DEFAULT;
            for (Node row : Markdown.children(part)) {
                cells.add(Markdown.children(row).stream()
                        .map(cell -> Markdown.inline(cell, style))
                        .toList());
                if (head) Markdown.children(row).forEach(cell -> alignments.add(((TableCell) cell).getAlignment()));
            }
        }
        int[] widths = widths(cells, alignments.size(), width);
        List<AttributedString> rows = new ArrayList<>();
        for (int i = 0; i < cells.size(); i++) {
            row(cells.get(i), alignments, widths, rows);
            if (i == 0) rows.add(line(widths));
        }
        return rows;
    }

    private static int[] widths(List<List<AttributedString>> cells, int columns, int width) {
        int[] widths = new int[columns];
        Arrays.fill(widths, 1);
        for (List<AttributedString> row : cells)
            for (int i = 0; i < Math.min(columns, row.size()); i++)
                widths[i] = Math.max(widths[i], row.get(i).columnLength());
        int room = width - BETWEEN.length() * (columns - 1);
        while (Arrays.stream(widths).sum() > room) {
            int widest = 0;
            for (int i = 1; i < columns; i++) if (widths[i] > widths[widest]) widest = i;
            if (widths[widest] <= NARROWEST) break; // more columns than fit: the rows are cut below
            widths[widest]--;
        }
        return widths;
    }

    private static void row(
            List<AttributedString> cells,
            List<TableCell.Alignment> alignments,
            int[] widths,
            List<AttributedString> rows) {
        List<List<AttributedString>> wrapped = new ArrayList<>();
        for (int i = 0; i < widths.length; i++)
            wrapped.add(i < cells.size() ? Rows.wrap(cells.get(i), widths[i]) : List.of());
        int height = wrapped.stream().mapToInt(List::size).max().orElse(0);
        for (int y = 0; y < height; y++) {
            AttributedStringBuilder row = new AttributedStringBuilder();
            for (int x = 0; x < widths.length; x++) {
                if (x > 0) row.append(BETWEEN);
                List<AttributedString> cell = wrapped.get(x);
                AttributedString text = y < cell.size() ? cell.get(y) : new AttributedString("");
                int space = Math.max(0, widths[x] - text.columnLength());
                boolean last = x == widths.length - 1;
                int before = alignments.get(x) == TableCell.Alignment.RIGHT
                        ? space
                        : alignments.get(x) == TableCell.Alignment.CENTER ? space / 2 : 0;
                row.append(" ".repeat(before)).append(text).append(last ? "" : " ".repeat(space - before));
            }
            rows.add(row.toAttributedString());
        }
    }

    private static AttributedString line(int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) line.append(i > 0 ? "─┼─" : "").append("─".repeat(widths[i]));
        return new AttributedString(line, LINES);
    }
}
