package dev.freshet.gateway;

import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A gateway in a process of its own, which can be told to end, and killed.
final class GatewayProcess implements AutoCloseable {
    private static final String READY = "ready";

    private final Process process;

    private GatewayProcess(Process process) {
        this.process = process;
    }

    /// Runs in the child.
    public static void main(String... args) throws IOException, InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        Thread serving = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            told.countDown();
            try {
                serving.join();
            } catch (InterruptedException e) {
                serving.interrupt();
            }
        }));
        try (Gateway _ = Gateway.start(ConfigFile.read(Path.of(args[0]), new Environment(Map.of())), null)) {
            System.out.println(READY);
            told.await();
        }
    }

    /// Starts one, and waits until it is ready.
    ///
    /// @param config its configuration file
    static GatewayProcess start(Path config) throws IOException {
        return start(config, Map.of());
    }

    /// The same, with more variables in its environment.
    static GatewayProcess start(Path config, Map<String, String> environment) throws IOException {
        return start(config, environment, List.of());
    }

    /// The same, short of something.
    ///
    /// @param limits a command that is put in front, such as `prlimit --nofile=400`; or options of the JVM
    static GatewayProcess start(Path config, Map<String, String> environment, List<String> limits) throws IOException {
        List<String> command = new ArrayList<>();
        boolean options = !limits.isEmpty() && limits.getFirst().startsWith("-");
        if (!options) command.addAll(limits);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (options) command.addAll(limits);
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                GatewayProcess.class.getName(),
                config.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process process = builder.start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); !READY.equals(line); line = out.readLine()) {
            if (line == null) throw new IOException("the gateway did not start");
        }
        Thread.ofVirtual().start(() -> out.lines().forEach(_ -> {}));
        return new GatewayProcess(process);
    }

    /// From now on no file of its own can grow over so many bytes.
    ///
    /// @param bytes a number, or `unlimited`
    void limitFiles(String bytes) throws IOException, InterruptedException {
        new ProcessBuilder("prlimit", "--pid=" + process.pid(), "--fsize=" + bytes + ":unlimited")
                .inheritIO()
                .start()
                .waitFor();
    }

    /// `kill -9`.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /// SIGTERM, as who runs it would send it. Waits until the process has ended.
    ///
    /// @throws AssertionError where it has not within the limit
    void end(Duration limit) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS))
            throw new AssertionError("the gateway has not ended " + limit.toSeconds() + " s after SIGTERM");
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
    }
}
