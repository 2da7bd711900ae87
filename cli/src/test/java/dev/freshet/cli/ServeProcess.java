package dev.freshet.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `freshet serve` in a process of its own, which a test can kill.
final class ServeProcess implements AutoCloseable {
    private static final long LIMIT_NANOS = 60_000_000_000L;

    private final Path folder;
    private final int port;
    private Process process;

    /// @param configuration all of it but `listen` and `data`
    ServeProcess(Path folder, String configuration) throws IOException, InterruptedException {
        this.folder = folder;
        port = freePort();
        Files.writeString(
                folder.resolve("freshet.yaml"),
                "listen: {port: " + port + "}\ndata: " + folder.resolve("data") + "\n" + configuration);
        process = start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Process start() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "serve",
                        "-c",
                        folder.resolve("freshet.yaml").toString()))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("serve.log").toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("FRESHET_") || name.endsWith("_API_KEY"));
        Process started = builder.start();
        awaitReady(started);
        return started;
    }

    private void awaitReady(Process started) throws InterruptedException, IOException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(url() + "/health/ready")).build();
            long end = System.nanoTime() + LIMIT_NANOS;
            while (!ready(client, request)) {
                if (!started.isAlive() || System.nanoTime() > end)
                    throw new AssertionError(Files.readString(folder.resolve("serve.log")));
                Thread.sleep(50);
            }
        }
    }

    private static boolean ready(HttpClient client, HttpRequest request) throws InterruptedException {
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // it does not listen yet
        }
    }

    /// The gateway's address, without a path.
    String url() {
        return "http://127.0.0.1:" + port;
    }

    /// SIGTERM, as who runs it would send it.
    void terminate() {
        process.destroy();
    }

    /// Its exit code, once it has ended.
    int exitCode() throws InterruptedException {
        if (!process.waitFor(LIMIT_NANOS, TimeUnit.NANOSECONDS)) throw new AssertionError("it has not ended");
        return process.exitValue();
    }

    /// As a machine's loss of power does it, or `kill -9`.
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    void startAgain() throws IOException, InterruptedException {
        process = start();
    }

    @Override
    public void close() {
        kill();
    }
}
