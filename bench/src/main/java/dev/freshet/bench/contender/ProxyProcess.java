package dev.freshet.bench.contender;

import dev.freshet.bench.load.LoadLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A program on its core, with the processes that it starts.
final class ProxyProcess {
    /// Whether it answers yet.
    interface Ready {
        boolean ready() throws IOException;
    }

    private final Process process;
    private final Path log;
    private final long began = System.nanoTime();
    private long ready;

    private ProxyProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /// Starts `command` in `folder` on those cores; what it prints goes to a file there.
    static ProxyProcess start(Path folder, String cores, List<String> command) throws IOException {
        Path log = folder.resolve("output.log");
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", cores));
        pinned.addAll(command);
        Process process = new ProcessBuilder(pinned)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        return new ProxyProcess(process, log);
    }

    /// A port that was free a moment ago.
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// Runs the load's loop until it is ready.
    ///
    /// @throws BenchException where it ends, or is not ready in that time
    void await(LoadLoop loop, Duration most, Ready ready) throws IOException {
        long end = System.nanoTime() + most.toNanos();
        while (!ready.ready()) {
            if (!process.isAlive()) throw new BenchException("it ended: " + printed());
            if (System.nanoTime() - end > 0) {
                close();
                throw new BenchException("not ready after " + most.toSeconds() + " s: " + printed());
            }
            loop.run(Duration.ofNanos(1)); // a turn; a loop that spins would take a core from who starts
            pause();
        }
        this.ready = System.nanoTime();
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /// From the start until it was ready.
    double readyMillis() {
        return (ready - began) / 1e6;
    }

    /// CPU time so far of all its processes' threads, in nanoseconds (`schedstat`, the scheduler's own count).
    long cpuNanos() throws IOException {
        long sum = 0;
        for (long pid : pids()) {
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
                for (Path thread : threads.toList()) sum += schedstat(thread);
            }
        }
        return sum;
    }

    private static long schedstat(Path thread) throws IOException {
        Path file = thread.resolve("schedstat");
        // A thread may have ended since the folder was listed.
        if (!Files.exists(file)) return 0;
        String text = Files.readString(file);
        return Long.parseLong(text.substring(0, text.indexOf(' ')));
    }

    /// Resident memory of all its processes, in bytes.
    long residentBytes() throws IOException {
        long sum = 0;
        for (long pid : pids()) sum += Mappings.of(pid).resident();
        return sum;
    }

    /// The id of its process whose program has that name.
    long pid(String program) throws IOException {
        for (long pid : pids()) {
            if (Files.readString(Path.of("/proc/" + pid + "/comm")).strip().equals(program)) return pid;
        }
        throw new BenchException("no process of it is called " + program);
    }

    private List<Long> pids() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }

    private String printed() throws IOException {
        return Files.readString(log).strip();
    }

    /// Stops it, with force where it does not go in ten seconds.
    void close() throws IOException {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
