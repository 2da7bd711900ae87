package dev.freshet.client;

import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/// A simulated provider in a process of its own, so that what a test measures is its client's. Its model
/// `held` says `1 `, and the rest only after [#release].
final class SimulatorProcess implements AutoCloseable {
    private final Process process;
    private final Writer in;
    private final String base;

    SimulatorProcess() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SimulatorProcess.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        in = process.outputWriter(StandardCharsets.UTF_8);
        base = Objects.requireNonNull(
                process.inputReader(StandardCharsets.UTF_8).readLine(), "the simulator's process has ended");
    }

    /// The API's base.
    String base() {
        return base;
    }

    /// Lets all answers of `held` go on.
    void release() throws IOException {
        in.write("go\n");
        in.flush();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }

    /// The process: prints its base, and opens the gate for each line that it reads.
    public static void main(String[] args) throws IOException {
        try (Simulator simulator = Simulator.builder().threads(2).start()) {
            simulator.script(
                    "held",
                    Script.of(
                            Steps.head(),
                            Steps.text("1 "),
                            Steps.gate("go"),
                            Steps.text("2 "),
                            Steps.text("3 "),
                            Steps.finish("stop"),
                            Steps.done(),
                            Steps.lastChunk()));
            System.out.println(simulator.baseUri());
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            while (lines.readLine() != null) simulator.open("go");
        }
    }
}
