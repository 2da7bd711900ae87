package dev.freshet.cli.chat;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.utils.NonBlockingReader;

/// What a person types while an answer streams: `/stop` stops it, any other line is asked next, and what is not
/// finished waits in the next prompt. Its reading is a thread of its own.
final class Keys {
    private static final long LOOK_MILLIS = 50;
    private static final long ESCAPE_MILLIS = 5;
    private static final int DELETE = 127;
    private static final int ESCAPE = 27;

    private final Terminal terminal;
    private final Answering answering;
    private final Attributes before;
    private final Thread thread;
    private final StringBuilder line = new StringBuilder();
    private final Deque<String> lines = new ArrayDeque<>();
    private volatile boolean closing;

    /// @param begun what was typed of a line before
    Keys(Terminal terminal, Answering answering, String begun) {
        this.terminal = terminal;
        this.answering = answering;
        line.append(begun);
        answering.typed(begun);
        before = terminal.enterRawMode();
        thread = Thread.ofPlatform().daemon().name("keys").start(this::read);
    }

    private void read() {
        NonBlockingReader reader = terminal.reader();
        try {
            while (!closing) {
                int c = reader.read(LOOK_MILLIS);
                if (c == NonBlockingReader.EOF) return;
                if (c == ESCAPE) skip(reader);
                else if (c >= 0) key((char) c);
            }
        } catch (IOException e) {
            // the terminal is gone; the answer ends by SIGHUP
        }
    }

    /// A key that sends more than one character, such as an arrow.
    private static void skip(NonBlockingReader reader) throws IOException {
        while (reader.read(ESCAPE_MILLIS) >= 0) {
            // none of it is text
        }
    }

    private void key(char c) {
        if (c == '\r' || c == '\n') enter();
        else if ((c == DELETE || c == '\b') && !line.isEmpty())
            line.setLength(line.offsetByCodePoints(line.length(), -1));
        else if (!Character.isISOControl(c)) line.append(c);
        answering.typed(line.toString());
    }

    private void enter() {
        String whole = line.toString();
        line.setLength(0);
        if (whole.strip().equals("/stop")) answering.stop();
        else if (!whole.isBlank()) lines.add(whole);
    }

    /// What is typed of a line that is not finished; after [#close].
    String rest() {
        return line.toString();
    }

    /// The finished lines; after [#close].
    Deque<String> lines() {
        return lines;
    }

    /// Gives the keyboard back.
    void close() throws InterruptedException {
        closing = true;
        thread.join();
        terminal.setAttributes(before);
    }
}
