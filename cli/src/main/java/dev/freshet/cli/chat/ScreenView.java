package dev.freshet.cli.chat;

import java.util.ArrayList;
import java.util.List;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;

/// An answer on a terminal: reasoning faint, Markdown made readable, and below it what happens meanwhile.
/// Blocks that cannot change any more are settled, so that what is drawn anew is small.
final class ScreenView implements View {
    private static final AttributedStyle FAINT = AttributedStyle.DEFAULT.faint();
    private static final AttributedString EMPTY = new AttributedString("");

    private final Screen screen;
    private final StringBuilder reasoning = new StringBuilder();
    private final StringBuilder text = new StringBuilder();
    private String status = "";
    private boolean apart; // something stands above, from which the next block keeps its distance

    ScreenView(Screen screen) {
        this.screen = screen;
    }

    @Override
    public void text(String piece) {
        if (!reasoning.isEmpty()) {
            screen.draw(thoughts());
            screen.settle();
            reasoning.setLength(0);
            apart = true;
        }
        text.append(Clean.text(piece));
    }

    @Override
    public void reasoning(String piece) {
        if (text.isEmpty()) reasoning.append(Clean.text(piece));
    }

    @Override
    public void status(String now) {
        status = now;
    }

    @Override
    public boolean show() {
        screen.resized();
        List<AttributedString> rows = new ArrayList<>();
        if (!reasoning.isEmpty()) rows.addAll(thoughts());
        rows.addAll(blocks());
        if (!status.isEmpty()) {
            AttributedString row = new AttributedString(Clean.text(status), FAINT);
            rows.add(row.columnSubSequence(0, screen.width()));
        }
        screen.draw(rows);
        return true;
    }

    private List<AttributedString> thoughts() {
        return Markdown.plain(reasoning.toString().strip(), screen.width(), FAINT);
    }

    /// The rows of what can still change, after all that cannot is settled: the blocks before the last one,
    /// once its first line is whole. Until then it may turn out to belong to the one before.
    private List<AttributedString> blocks() {
        if (text.isEmpty()) return List.of();
        List<Markdown.Part> parts = Markdown.parts(text.toString(), screen.width());
        boolean sure = !parts.isEmpty() && text.indexOf("\n", parts.getLast().start()) >= 0;
        List<AttributedString> rows = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            Markdown.Part part = parts.get(i);
            if (i > 0 && i == parts.size() - 1 && sure) {
                screen.draw(rows);
                screen.settle();
                rows.clear();
                apart = true;
                text.delete(0, part.start());
            }
            if (apart || !rows.isEmpty()) rows.add(EMPTY);
            rows.addAll(part.rows());
        }
        return rows;
    }

    @Override
    public void end() {
        status = "";
        show();
        screen.settle();
        text.setLength(0);
        reasoning.setLength(0);
    }
}
