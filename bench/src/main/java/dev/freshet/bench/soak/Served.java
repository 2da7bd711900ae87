package dev.freshet.bench.soak;

import dev.freshet.bench.contender.BenchException;
import dev.freshet.bench.contender.Commands;
import dev.freshet.bench.contender.JavaHeap;
import dev.freshet.bench.contender.Mappings;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// `freshet serve` in a process of its own.
final class Served implements AutoCloseable {
    /// The launcher may have to build it first.
    private static final int START_LIMIT_SECONDS = 300;

    private static final int END_LIMIT_SECONDS = 30;
    /// What is allocated past the heap and the JVM's own: buffers.
    private static final Pattern OTHER = Pattern.compile("Other \\(reserved=\\d+KB, committed=(\\d+)KB\\)");

    private final Process process;
    private final Path log;
    private final long began = System.nanoTime();

    private Served(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /// Starts it in a folder, and waits until it is ready.
    ///
    /// @throws BenchException where it does not start
    static Served start(Path launcher, Path folder, int port) throws IOException, InterruptedException {
        Path log = folder.resolve("output.log");
        ProcessBuilder builder = new ProcessBuilder(launcher.toString(), "serve", "-c", "freshet.yaml")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("FRESHET_JAVA_OPTS", "-XX:NativeMemoryTracking=summary");
        Served served = new Served(builder.start(), log);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_LIMIT_SECONDS);
        while (!ready(port)) {
            if (!served.process.isAlive() || System.nanoTime() - end > 0) {
                served.process.destroyForcibly();
                throw new BenchException("freshet does not start: " + Files.readString(log));
            }
            Thread.sleep(50);
        }
        return served;
    }

    private static boolean ready(int port) {
        try {
            HttpURLConnection asked = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/health/ready")
                    .toURL()
                    .openConnection();
            return asked.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }

    /// What it uses now, after a full collection.
    Sample sample() throws IOException {
        long pid = process.pid();
        long seconds = (System.nanoTime() - began) / 1_000_000_000;
        JavaHeap heap = JavaHeap.afterCollection(pid);
        Path proc = Path.of("/proc/" + pid);
        return new Sample(
                seconds,
                heap.live(),
                direct(pid),
                count(proc.resolve("fd")),
                count(proc.resolve("task")),
                Mappings.of(pid).resident());
    }

    private static long direct(long pid) throws IOException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String answer = Commands.output(jcmd, Long.toString(pid), "VM.native_memory", "summary");
        Matcher other = OTHER.matcher(answer);
        if (!other.find()) throw new BenchException("jcmd's answer is not understood: " + answer);
        return Long.parseLong(other.group(1)) * 1024;
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        }
    }

    /// What it logged as its own fault.
    List<String> errors() throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("\"level\":\"ERROR\"") || line.contains("Exception"))
                    .toList();
        }
    }

    /// SIGTERM, and waits.
    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (process.waitFor(END_LIMIT_SECONDS, TimeUnit.SECONDS)) return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        throw new BenchException("freshet did not end " + END_LIMIT_SECONDS + " s after SIGTERM");
    }
}
