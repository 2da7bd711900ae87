package dev.freshet.cli.chat;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jline.keymap.KeyMap;
import org.jline.reader.Candidate;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.MaskingCallback;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.Reference;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;

/// Reads what a person asks: with history, over several lines, with names completed. Used by one thread.
final class Prompt {
    static final String SIGN = "› ";
    private static final String QUOTES = "\"\"\"";
    private static final int HISTORY = 1_000;
    private static final List<String> COMMANDS =
            List.of("/model", "/system", "/retry", "/stop", "/save", "/usage", "/new", "/help", "/quit");

    private final LineReader reader;

    /// @param models the names to complete behind `/model`
    Prompt(Terminal terminal, Supplier<List<String>> models) {
        LineReaderBuilder builder = LineReaderBuilder.builder()
                .terminal(terminal)
                .appName("freshet")
                .parser(Prompt::parse)
                .completer((_, line, candidates) -> complete(line.line(), models.get(), candidates))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .option(LineReader.Option.HISTORY_INCREMENTAL, true)
                .variable(LineReader.HISTORY_SIZE, HISTORY)
                .variable(LineReader.HISTORY_FILE_SIZE, HISTORY)
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, "  ");
        Path file = history();
        if (file != null) builder.variable(LineReader.HISTORY_FILE, file);
        reader = builder.build();
        reader.getWidgets().put("begin-line", () -> {
            reader.getBuffer().write('\n');
            return true;
        });
        for (String map : List.of(LineReader.EMACS, LineReader.VIINS))
            Objects.requireNonNull(reader.getKeyMaps().get(map))
                    .bind(new Reference("begin-line"), KeyMap.alt('\r'), KeyMap.alt('\n'));
    }

    /// The next question or command.
    ///
    /// @param begun what was typed of it before
    /// @throws org.jline.reader.UserInterruptException at Ctrl-C
    /// @throws org.jline.reader.EndOfFileException at Ctrl-D
    String read(String begun) {
        return text(reader.readLine(SIGN, null, (MaskingCallback) null, begun.isEmpty() ? null : begun));
    }

    /// Keeps a line that was not read here.
    void add(String line) {
        reader.getHistory().add(line);
    }

    /// Without what only held several lines together.
    private static String text(String line) {
        String joined = line.replace("\\\n", "\n");
        String whole = joined.strip();
        boolean quoted = whole.length() >= 2 * QUOTES.length() && whole.startsWith(QUOTES) && whole.endsWith(QUOTES);
        return quoted
                ? whole.substring(QUOTES.length(), whole.length() - QUOTES.length())
                        .strip()
                : joined;
    }

    /// A line is a line: nothing in it is special but what makes it go on.
    private static ParsedLine parse(String line, int cursor, Parser.@Nullable ParseContext context) {
        boolean accepting = context == Parser.ParseContext.ACCEPT_LINE || context == Parser.ParseContext.UNSPECIFIED;
        if (accepting && (line.endsWith("\\") || open(line))) throw new EOFError(-1, cursor, "goes on");
        int start = line.lastIndexOf(' ', Math.max(0, cursor - 1)) + 1;
        return new Line(line, cursor, Math.min(start, cursor));
    }

    private static boolean open(String line) {
        String text = line.strip();
        return text.startsWith(QUOTES) && text.indexOf(QUOTES, QUOTES.length()) < 0;
    }

    private static void complete(String line, List<String> models, List<Candidate> candidates) {
        Stream<String> names = line.startsWith("/model ")
                ? models.stream()
                : line.startsWith("/") && !line.contains(" ") ? COMMANDS.stream() : Stream.of();
        names.map(Candidate::new).forEach(candidates::add);
    }

    /// The person's folder, as a shell knows it.
    static String home() {
        String home = System.getenv("HOME");
        return home == null || home.isBlank() ? System.getProperty("user.home") : home;
    }

    /// Where lines are kept, readable by their owner only; null where they cannot be.
    private static @Nullable Path history() {
        String state = System.getenv("XDG_STATE_HOME");
        Path base = state == null || state.isBlank() ? Path.of(home(), ".local", "state") : Path.of(state);
        Path file = base.resolve("freshet").resolve("chat-history");
        try {
            Files.createDirectories(file.getParent());
            boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
            if (posix)
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return file;
        } catch (FileAlreadyExistsException e) {
            return file;
        } catch (IOException e) {
            return null; // they are kept for this session then
        }
    }

    private record Line(String line, int cursor, int start) implements CompletingParsedLine {
        @Override
        public String word() {
            return line.substring(start, Math.max(start, cursor));
        }

        @Override
        public int wordCursor() {
            return cursor - start;
        }

        @Override
        public int wordIndex() {
            return start == 0 ? 0 : 1;
        }

        @Override
        public CharSequence escape(CharSequence candidate, boolean complete) {
            return candidate;
        }

        @Override
        public int rawWordCursor() {
            return wordCursor();
        }

        @Override
        public int rawWordLength() {
            return word().length();
        }

        @Override
        public List<String> words() {
            List<String> words = new ArrayList<>();
            if (start > 0) words.add(line.substring(0, start).strip());
            words.add(word());
            return words;
        }
    }
}
