package dev.freshet.cli.chat;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jline.utils.AttributedString;

/// The lower end of a terminal, drawn anew where it changes. What has settled above is never touched again, so
/// that the terminal's own scrolling, searching and copying work. Used by one thread.
final class Screen {
    /// The terminal's size.
    ///
    /// @param columns at least 1
    /// @param rows at least 2
    record Size(int columns, int rows) {}

    /// Asks for the size, which may change.
    interface Sizes {
        Size now();
    }

    private static final String ERASE_BELOW = "\u001b[J";

    private final PrintWriter out;
    private final Sizes sizes;
    private final boolean styled;
    private List<String> shown = List.of();
    private Size size;

    /// @param styled whether bold, colours and their like are wanted
    Screen(PrintWriter out, Sizes sizes, boolean styled) {
        this.out = out;
        this.sizes = sizes;
        this.styled = styled;
        size = sizes.now();
    }

    /// How wide a row may be: one less than the terminal, where a full row may or may not begin the next.
    int width() {
        return size.columns() - 1;
    }

    /// Takes notice of a new size. What a terminal did to the rows that are shown cannot be known, so they
    /// stay, and are drawn again below.
    boolean resized() {
        Size now = sizes.now();
        if (now.equals(size)) return false;
        boolean wider = now.columns() != size.columns();
        size = now;
        if (wider && !shown.isEmpty()) {
            out.print("\r\n");
            shown = List.of();
        }
        return wider;
    }

    /// Shows rows in the place of those of the last time.
    void draw(List<AttributedString> rows) {
        List<String> wanted = new ArrayList<>(rows.size());
        for (AttributedString row : rows) wanted.add(Rows.codes(row, styled));
        if (wanted.equals(shown)) return;
        int same = 0;
        int common = Math.min(shown.size(), wanted.size());
        while (same < common && shown.get(same).equals(wanted.get(same))) same++;
        // Rows that have left the screen at its top cannot be reached any more.
        int reachable = Math.max(0, shown.size() - size.rows());
        int from = Math.max(Math.min(same, Math.max(0, shown.size() - 1)), reachable);
        if (from > 0 && from == wanted.size()) from--; // the cursor belongs to the end of the last row
        StringBuilder drawing = new StringBuilder();
        if (from >= reachable && from <= wanted.size()) {
            int up = shown.size() - 1 - from;
            if (!shown.isEmpty()) drawing.append('\r');
            if (up > 0) drawing.append("\u001b[").append(up).append('A');
            if (!shown.isEmpty()) drawing.append(ERASE_BELOW);
        } else { // it has shrunk by more than the screen shows; what was shown stays above
            drawing.append("\r\n");
            from = 0;
        }
        for (int i = from; i < wanted.size(); i++) {
            if (i > from) drawing.append("\r\n");
            drawing.append(wanted.get(i));
        }
        shown = wanted;
        out.print(drawing);
        out.flush();
    }

    /// What is shown stays, and the next drawing begins below it.
    void settle() {
        if (!shown.isEmpty()) out.print("\r\n");
        shown = List.of();
        out.flush();
    }
}
