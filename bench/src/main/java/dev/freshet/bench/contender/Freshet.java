package dev.freshet.bench.contender;

import dev.freshet.bench.load.LoadClient;
import dev.freshet.bench.load.LoadLoop;
import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;

/// Freshet, by its launcher and with the launcher's options: `serve -c FILE`.
public final class Freshet implements Contender {
    /// The launcher may have to build it first.
    private static final Duration START_LIMIT = Duration.ofMinutes(5);

    /// The configuration of streams that are kept in memory, and of those that are on disk as well.
    public static final String MEMORY = "{store: memory}";

    public static final String DISK = "{store: disk}";

    /// Nobody is asked for a key, and nothing is counted or written down.
    public static final Accounts BARE = new Accounts(", usage: never", "", "ledger: off");

    /// As it is without a word: usage is asked for, and what was used is written down.
    public static final Accounts OPEN = new Accounts("", "", "");

    /// A key is asked for, which has every limit but a budget.
    public static final Accounts KEYED = new Accounts("", "", """
            access: keys
            keys: [{name: bench, hash: "%s", owner: bench, rpm: 10000000, tpm: 900000000, streams: 100000}]
            limits: {streams_per_key: 100000}
            """.formatted(sha256(LoadClient.KEY)));

    /// Three rules look at all that every answer says. No phrase begins as a token ends, which would hold
    /// that back until the next one comes.
    public static final Accounts GUARDED = new Accounts("", ", guards: [bench]", """
            guards:
              bench:
                stop_when:
                  - {contains: ["guaranteed returns", "risk-free", "speaking as a model", "I cannot", "kept confidential"]}
                  - {repeat: {copies: 4, span: 96}}
                  - {language: {expect: [en]}}
            """);

    private static final String PRICES = """
            prices:
              - {provider: up, model: "*", input: 1usd, output: 2usd, max_output: 8192}
            """;

    /// All features at once: a key with a budget, the ledger, guards, and answers that are gone on with.
    public static final Accounts WHOLE = new Accounts(
            ", prefill: {field: prefix}",
            GUARDED.model() + ", continue: prefill",
            """
            access: keys
            keys:
              - {name: bench, hash: "%s", owner: bench, rpm: 10000000, tpm: 900000000, streams: 100000, budget: 1000000usd/day}
            limits: {streams_per_key: 100000}
            prices: prices.yaml
            """.formatted(sha256(LoadClient.KEY)) + GUARDED.more());

    /// What the configuration says of who may ask, and of what is counted or watched.
    ///
    /// @param provider more of the provider
    /// @param model more of the model
    /// @param more lines of the file
    public record Accounts(String provider, String model, String more) {}

    private static String sha256(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    private final String name;
    private final ProxyProcess process;
    private final int port;

    private Freshet(String name, ProxyProcess process, int port) {
        this.name = name;
        this.process = process;
        this.port = port;
    }

    /// What is started.
    ///
    /// @param name in tables
    /// @param command up to `serve`
    /// @param streams the configuration's `streams`
    /// @param accounts who may ask, and what is counted or watched
    public record Program(String name, List<String> command, String streams, Accounts accounts) {}

    /// Starts it in an empty folder, and waits until it says that it is ready.
    ///
    /// @throws BenchException where it does not start
    public static Freshet start(Path folder, Cores cores, LoadLoop loop, int upstreamPort, Program program)
            throws IOException {
        int port = ProxyProcess.freePort();
        Path file = Files.writeString(folder.resolve("freshet.yaml"), """
                listen: {host: 127.0.0.1, port: %d}
                providers: {up: {dialect: openai, base_url: "http://127.0.0.1:%d/v1"%s}}
                models: {"*": {targets: [{provider: up}]%s}}
                streams: %s
                %s
                """.formatted(
                        port,
                        upstreamPort,
                        program.accounts().provider(),
                        program.accounts().model(),
                        program.streams(),
                        program.accounts().more()));
        Files.writeString(folder.resolve("prices.yaml"), PRICES);
        List<String> command = new ArrayList<>(program.command());
        command.addAll(List.of("serve", "-c", file.toString()));
        ProxyProcess process = ProxyProcess.start(folder, cores.ofProxy(), command);
        process.await(loop, START_LIMIT, () -> ready(port));
        return new Freshet(program.name(), process, port);
    }

    private static boolean ready(int port) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + "/health/ready").toURL().openConnection();
        connection.setReadTimeout(1000);
        try {
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (ConnectException e) {
            return false;
        } finally {
            connection.disconnect();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public double readyMillis() {
        return process.readyMillis();
    }

    @Override
    public OptionalLong cpuNanos() throws IOException {
        return OptionalLong.of(process.cpuNanos());
    }

    /// After a full collection.
    @Override
    public Footprint footprint() throws IOException {
        long pid = process.pid("java");
        JavaHeap heap = JavaHeap.afterCollection(pid);
        Mappings mappings = Mappings.of(pid);
        return new Footprint(mappings.resident(), heap.live() + mappings.residentOutside(heap.from(), heap.to()));
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
