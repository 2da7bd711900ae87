package dev.freshet.cli.chat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.spi.SystemStream;
import org.jline.terminal.spi.TerminalProvider;

/// What this process is connected to.
final class Terminals {
    private static final int COLUMNS = 80;
    private static final int ROWS = 24;

    /// JLine's own remarks are not for the person at the terminal.
    private static final Logger QUIET = Logger.getLogger("org.jline");

    static {
        QUIET.setLevel(Level.OFF);
    }

    private Terminals() {}

    /// Whether a stream is a terminal's.
    static boolean is(SystemStream stream) {
        try {
            return TerminalProvider.load("ffm").isSystemStream(stream);
        } catch (IOException | LinkageError e) { // a system that JLine does not know: no one to draw for
            return false;
        }
    }

    /// Whether the terminal of the standard output can be drawn on.
    static boolean canDraw() {
        String type = System.getenv("TERM");
        boolean dumb = type == null ? !System.getProperty("os.name").startsWith("Windows") : type.equals("dumb");
        return !dumb && is(SystemStream.Output);
    }

    /// The terminal, wherever standard input comes from. UTF-8 whatever the locale says: tokens are not lost to
    /// a locale that was never set.
    static Terminal open() throws IOException {
        return TerminalBuilder.builder()
                .system(true)
                .devTty(true)
                .dumb(true)
                .encoding(StandardCharsets.UTF_8)
                .build();
    }

    /// Its size; a terminal that does not say is taken for a small one.
    static Screen.Size size(Terminal terminal) {
        int columns = terminal.getSize().getColumns();
        int rows = terminal.getSize().getRows();
        return new Screen.Size(columns > 1 ? columns : COLUMNS, rows > 1 ? rows : ROWS);
    }
}
