package dev.freshet.cli.chat;

import java.io.PrintWriter;

/// The text as it is, and one line feed where it does not end with one.
final class PipeView implements View {
    private final PrintWriter out;
    private boolean any;
    private char last;

    PipeView(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void text(String piece) {
        if (piece.isEmpty()) return;
        out.print(piece);
        any = true;
        last = piece.charAt(piece.length() - 1);
    }

    @Override
    public void reasoning(String piece) {}

    @Override
    public void status(String status) {}

    @Override
    public boolean show() {
        return !out.checkError(); // which flushes
    }

    @Override
    public void end() {
        if (any && last != '\n') out.print('\n');
        out.flush();
    }
}
