package dev.freshet.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// `freshet chat` in a process of its own, as a pipe sees it.
final class ChatProcess implements AutoCloseable {
    private static final int LIMIT_SECONDS = 60;

    private final Process process;
    private final Path errors;

    private ChatProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    /// The command that runs what a test was compiled with.
    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "chat"));
        command.addAll(List.of(arguments));
        return command;
    }

    static ChatProcess start(Path folder, Map<String, String> environment, String... arguments) throws IOException {
        Path errors = Files.createTempFile(folder, "chat", ".err");
        ProcessBuilder builder = new ProcessBuilder(command(arguments))
                .directory(folder.toFile())
                .redirectError(errors.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("FRESHET_") || name.endsWith("_API_KEY"));
        builder.environment().putAll(environment);
        return new ChatProcess(builder.start(), errors);
    }

    /// What it printed, and how it ended.
    record Result(int code, String out, String err) {}

    /// Runs one to its end.
    static Result run(Path folder, String input, String... arguments) throws IOException, InterruptedException {
        return run(folder, Map.of(), input, arguments);
    }

    static Result run(Path folder, Map<String, String> environment, String input, String... arguments)
            throws IOException, InterruptedException {
        try (ChatProcess chat = start(folder, environment, arguments)) {
            chat.in().write(input.getBytes(StandardCharsets.UTF_8));
            chat.in().close();
            return chat.end();
        }
    }

    OutputStream in() {
        return process.getOutputStream();
    }

    InputStream out() {
        return process.getInputStream();
    }

    /// Sends it a signal, such as `INT`.
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    Result end() throws IOException, InterruptedException {
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(code(), out, Files.readString(errors));
    }

    int code() throws InterruptedException {
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) throw new AssertionError("chat did not end");
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.getInputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
