package dev.freshet.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Another program, run by a test: what it prints is read as it comes.
final class Program implements AutoCloseable {
    private static final int LIMIT_SECONDS = 60;
    private static final String END = "\0end";

    private final Process process;
    private final StringBuilder all = new StringBuilder();
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private Program(ProcessBuilder builder) throws IOException {
        process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        Thread.ofVirtual().start(this::read);
    }

    static Program start(String... command) throws IOException {
        return new Program(new ProcessBuilder(command));
    }

    /// The repository's root.
    static Path root() {
        return Path.of(System.getProperty("freshet.root"));
    }

    /// The Python that `./check` installs the clients for.
    static String python() {
        return installed(root().resolve(".cache/python/bin/python"));
    }

    /// The folder of Node's modules that `./check` installs.
    static String nodeModules() {
        return installed(root().resolve(".cache/node/node_modules"));
    }

    /// The same for the browser library.
    static Path browserModules() {
        return Path.of(installed(root().resolve("browser/node_modules")));
    }

    /// A program on the path.
    static String onPath(String name) {
        for (String folder : (System.getenv("PATH") + ":/usr/sbin").split(":", -1)) {
            if (Files.isExecutable(Path.of(folder, name)))
                return Path.of(folder, name).toString();
        }
        throw new AssertionError(name + " is not installed; ./check installs it, or says how");
    }

    private static String installed(Path path) {
        if (!Files.exists(path)) throw new AssertionError(path + " is missing; ./check installs it");
        return path.toString();
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) lines.add(line);
        } catch (IOException e) {
            lines.add(e.toString());
        }
        lines.add(END);
    }

    /// Waits for a line.
    String line(Predicate<String> wanted) throws InterruptedException {
        while (true) {
            String line = lines.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (line == null || line.equals(END)) throw new AssertionError("the program printed only:\n" + all);
            all.append(line).append('\n');
            if (wanted.test(line)) return line;
        }
    }

    /// Waits for the program's end.
    ///
    /// @return all that it printed
    String end() throws InterruptedException {
        for (String line = lines.poll(LIMIT_SECONDS, TimeUnit.SECONDS); !END.equals(line); ) {
            if (line == null) throw new AssertionError("the program did not end; it printed:\n" + all);
            all.append(line).append('\n');
            line = lines.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
        if (process.waitFor() != 0) throw new AssertionError("exit code " + process.exitValue() + ":\n" + all);
        return all.toString();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
