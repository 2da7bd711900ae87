package dev.freshet.cli.chat;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/// Breaks text into rows of a terminal.
final class Rows {
    private Rows() {}

    /// One line of text as rows: broken where the Unicode line breaking rules allow, within a word where it is
    /// longer than a row. Spaces at a break are dropped.
    ///
    /// @param width in columns, at least 1
    static List<AttributedString> wrap(AttributedString line, int width) {
        if (line.columnLength() <= width) return List.of(line);
        List<AttributedString> rows = new ArrayList<>();
        BreakIterator breaks = BreakIterator.getLineInstance(Locale.ROOT);
        breaks.setText(line.toString());
        int start = 0;
        int end = 0; // of what fits the row
        for (int next = breaks.next(); next != BreakIterator.DONE; next = breaks.next()) {
            if (end > start && trimmed(line, start, next).columnLength() > width) {
                rows.add(trimmed(line, start, end));
                start = end;
            }
            while (trimmed(line, start, next).columnLength() > width) {
                int fits = line.subSequence(start, next)
                        .columnSubSequence(0, width)
                        .length();
                end = start + Math.max(1, fits);
                rows.add(line.subSequence(start, end));
                start = end;
            }
            end = next;
        }
        if (end > start) rows.add(trimmed(line, start, end));
        return rows;
    }

    /// One line of text as rows, cut where they are full.
    static List<AttributedString> cut(AttributedString line, int width) {
        List<AttributedString> rows = line.columnSplitLength(width);
        return rows.isEmpty() ? List.of(line) : rows;
    }

    /// Rows with something before the first and something before the others.
    static List<AttributedString> prefixed(
            List<AttributedString> rows, AttributedString first, AttributedString others) {
        List<AttributedString> all = new ArrayList<>(rows.size());
        for (AttributedString row : rows) all.add(joined(all.isEmpty() ? first : others, row));
        return all;
    }

    static AttributedString joined(AttributedString one, AttributedString other) {
        return new AttributedStringBuilder(one.length() + other.length())
                .append(one)
                .append(other)
                .toAttributedString();
    }

    /// A row as a terminal reads it, every style ended within it (ECMA-48, 8.3.117: SGR). JLine's own writes
    /// lines of boxes in ASCII.
    ///
    /// @param styled false for the characters alone
    static String codes(AttributedString row, boolean styled) {
        if (!styled) return row.toString();
        StringBuilder codes = new StringBuilder();
        for (int start = 0; start < row.length(); ) {
            int end = row.runLimit(start);
            AttributedStyle style = row.styleAt(start);
            String text = row.subSequence(start, end).toString();
            if (style.equals(AttributedStyle.DEFAULT)) codes.append(text);
            else
                codes.append("\u001b[")
                        .append(style.toAnsi())
                        .append('m')
                        .append(text)
                        .append("\u001b[0m");
            start = end;
        }
        return codes.toString();
    }

    private static AttributedString trimmed(AttributedString line, int start, int end) {
        int last = end;
        while (last > start && line.charAt(last - 1) == ' ') last--;
        return line.subSequence(start, last);
    }
}
