package dev.freshet.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// Where and when it was measured.
public record Machine(String date, String cpu, int cores, String kernel, String jdk, String nginx) {
    /// This one, today.
    public static Machine here(String nginx) throws IOException {
        String cpu = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
        int cores = (int) Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("processor"))
                .count();
        return new Machine(
                LocalDate.now(ZoneOffset.UTC).toString(),
                cpu,
                cores,
                System.getProperty("os.version"),
                Runtime.version().toString(),
                nginx);
    }

    /// In one sentence.
    public String text() {
        return "Measured on %s: %s, %d cores, Linux %s, JDK %s, %s.".formatted(date, cpu, cores, kernel, jdk, nginx);
    }
}
