package dev.freshet.bench.contender;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Runs small programs to their end.
public final class Commands {
    private Commands() {}

    /// What the program printed, standard error included.
    ///
    /// @throws BenchException where it is missing or fails
    public static String output(String... command) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new BenchException("cannot run " + command[0] + ": " + e.getMessage());
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = exitCode(process);
        if (code != 0) throw new BenchException(String.join(" ", command) + " failed (" + code + "): " + output);
        return output;
    }

    private static int exitCode(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
