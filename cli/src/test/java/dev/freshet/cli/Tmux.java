package dev.freshet.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/// A terminal of a size of its own, with `freshet chat` in it and a person's fingers on its keys.
final class Tmux implements AutoCloseable {
    private static final long LIMIT_NANOS = 40_000_000_000L;
    private static final long LOOK_MILLIS = 30;

    private final String tmux = Program.onPath("tmux");
    private final String socket = "freshet-test-" + UUID.randomUUID();

    /// Starts it; when the program ends, its exit code is shown as `[exit 0]`.
    Tmux(Path folder, int columns, int rows, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        StringBuilder line = new StringBuilder();
        for (String word : ChatProcess.command(arguments))
            line.append('\'').append(word.replace("'", "'\\''")).append("' ");
        List<String> command = new ArrayList<>(List.of("-u", "-f", "/dev/null", "new-session", "-d"));
        command.addAll(List.of("-x", String.valueOf(columns), "-y", String.valueOf(rows), "-c", folder.toString()));
        Map<String, String> own = Map.of("HOME", folder.toString(), "XDG_STATE_HOME", "", "NO_COLOR", "");
        for (Map<String, String> variables : List.of(own, environment))
            variables.forEach((name, value) -> command.addAll(List.of("-e", name + "=" + value)));
        // tmux sets its own TERM in spite of -e
        command.add(
                "TERM=" + environment.getOrDefault("TERM", "screen") + " " + line + "; echo \"[exit $?]\"; sleep 1000");
        run(command);
    }

    private String run(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(tmux, "-L", socket));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) throw new AssertionError(command + ": " + out);
        return out;
    }

    /// Presses keys by tmux's names for them: `Enter`, `C-c`, `Up`, `M-Enter`.
    Tmux press(String... keys) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("send-keys"));
        command.addAll(List.of(keys));
        run(command);
        return this;
    }

    /// Types text, without Enter.
    Tmux type(String text) throws IOException, InterruptedException {
        run(List.of("send-keys", "-l", text));
        return this;
    }

    /// Types a line.
    Tmux enter(String line) throws IOException, InterruptedException {
        return type(line).press("Enter");
    }

    /// What is seen, and what has scrolled away above it.
    String screen() throws IOException, InterruptedException {
        return run(List.of("capture-pane", "-p", "-S", "-"));
    }

    /// The same with the codes of its colours.
    String coloured() throws IOException, InterruptedException {
        return run(List.of("capture-pane", "-p", "-e", "-S", "-"));
    }

    /// Waits until what is seen is as it should be.
    String await(Predicate<String> wanted) throws IOException, InterruptedException {
        long end = System.nanoTime() + LIMIT_NANOS;
        while (true) {
            String seen = screen();
            if (wanted.test(seen)) return seen;
            if (System.nanoTime() > end) throw new AssertionError("the terminal shows only:\n" + seen);
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /// Waits until something is seen.
    String await(String text) throws IOException, InterruptedException {
        return await(seen -> seen.contains(text));
    }

    /// Waits for an empty prompt at the end of what is seen.
    String prompt() throws IOException, InterruptedException {
        return await(seen -> seen.stripTrailing().endsWith("\n\u203a")
                || seen.stripTrailing().equals("\u203a"));
    }

    @Override
    public void close() throws IOException {
        try {
            run(List.of("kill-server"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
