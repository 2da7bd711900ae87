package dev.freshet.bench.soak;

import dev.freshet.bench.contender.BenchException;
import dev.freshet.bench.contender.Commands;
import dev.freshet.bench.report.Machine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// `bench/soak`: Freshet with all features on under all kinds of clients, for minutes. Exit code 1 where something was
/// lost or grows, 2 where it cannot run.
public final class Soak {
    private static final String USAGE = "bench/soak [MINUTES] [--save]   (twenty minutes; --save writes docs/soak.md)";
    private static final int USUAL_MINUTES = 20;
    private static final int CLIENTS = Integer.getInteger("clients", 60);
    private static final int SAMPLES = 60;
    private static final int FEWEST_SAMPLES = 4;
    private static final Duration LEAST_PERIOD = Duration.ofSeconds(5);
    static final String PRICES =
            "prices:\n  - {provider: up, model: \"*\", input: 1usd, output: 2usd, max_output: 8192}\n";

    private Soak() {}

    /// Runs it in the repository's root.
    public static void main(String[] args) throws IOException, InterruptedException {
        try {
            System.exit(run(args));
        } catch (BenchException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    private static int run(String[] args) throws IOException, InterruptedException {
        boolean save = List.of(args).contains("--save");
        Duration time = Duration.ofMinutes(minutes(args));
        long seed = Long.getLong("seed", System.nanoTime());
        Path folder = Files.createTempDirectory("freshet-soak");
        System.err.println("soak of " + time.toMinutes() + " minutes with " + CLIENTS + " clients, -Dseed=" + seed
                + ", in " + folder);
        SoakReport report = soak(folder, time, seed);
        report.faults().forEach(System.err::println);
        if (report.samples().size() < FEWEST_SAMPLES) return 1;
        report.leave(Path.of("bench", "target", "soak"));
        if (save) report.save(Path.of("docs"));
        System.out.println(report.table());
        System.err.println(report.passed() ? "passed" : "FAILED");
        return report.passed() ? 0 : 1;
    }

    private static int minutes(String[] args) {
        try {
            int minutes = USUAL_MINUTES;
            for (String arg : args) if (!arg.equals("--save")) minutes = Integer.parseInt(arg);
            if (minutes < 1) throw new BenchException(USAGE);
            return minutes;
        } catch (NumberFormatException e) {
            throw new BenchException(USAGE);
        }
    }

    private static SoakReport soak(Path folder, Duration time, long seed) throws IOException, InterruptedException {
        int port = freePort();
        List<Sample> samples = new ArrayList<>();
        List<String> did = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        try (Provider provider = Provider.start()) {
            Files.writeString(folder.resolve("freshet.yaml"), provider.configuration(port, sha256(Clients.KEY)));
            Files.writeString(folder.resolve("prices.yaml"), PRICES);
            try (Served served = Served.start(Path.of("freshet").toAbsolutePath(), folder, port)) {
                Clients clients = new Clients(port, CLIENTS, seed);
                try (clients) {
                    watch(served, clients, time, samples);
                }
                for (Behaviour each : Behaviour.values())
                    did.add("| %s | %,d |\n".formatted(each.text(), clients.count(each)));
                did.add("| events read | %,d |\n".formatted(clients.events()));
                faults.addAll(clients.faults());
                faults.addAll(served.errors());
            }
        }
        return new SoakReport(Machine.here(architecture()), samples, did, faults);
    }

    private static void watch(Served served, Clients clients, Duration time, List<Sample> samples)
            throws IOException, InterruptedException {
        Duration period = time.dividedBy(SAMPLES);
        if (period.compareTo(LEAST_PERIOD) < 0) period = LEAST_PERIOD;
        for (long left = time.dividedBy(period); left > 0 && clients.faults().isEmpty(); left--) {
            Thread.sleep(period);
            Sample sample = served.sample();
            samples.add(sample);
            System.err.println(sample + ", " + clients.events() + " events");
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// In the place of nginx, which has no part in this.
    private static String architecture() throws IOException {
        return Commands.output("uname", "-m").strip();
    }

    static String sha256(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
