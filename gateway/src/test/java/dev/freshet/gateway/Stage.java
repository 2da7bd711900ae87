package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A provider and a gateway, which a test's clients speak to in one way, as it speaks to its provider.
final class Stage implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();

    private final Front front;
    private final Path folder;
    private final Simulator simulator;
    private @Nullable Gateway gateway;
    private @Nullable InetSocketAddress address;

    private Stage(Front front, Path folder) throws IOException {
        this.front = front;
        this.folder = folder;
        Files.createDirectory(data());
        Files.writeString(folder.resolve("ca.pem"), Simulator.authority());
        simulator = Simulator.builder().recording(true).tls(front.secured()).start();
    }

    /// What is played.
    interface Play<R> {
        R on(Stage stage) throws Exception;
    }

    /// Plays it over each version of HTTP, with and without TLS, at once.
    ///
    /// @return what all of them gave
    /// @throws AssertionError where they did not give the same
    static <R> R everywhere(Path folder, Play<R> play) throws Exception {
        return everywhere(folder, EnumSet.allOf(Front.class), play);
    }

    /// The same, over some.
    static <R> R everywhere(Path folder, Set<Front> fronts, Play<R> play) throws Exception {
        List<Future<R>> played = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Front front : fronts) played.add(threads.submit(() -> on(front, folder, play)));
        }
        R first = played.getFirst().get();
        for (Future<R> one : played) assertThat(one.get()).as("%s", fronts).isEqualTo(first);
        return first;
    }

    private static <R> R on(Front front, Path folder, Play<R> play) throws Exception {
        try (Stage stage = new Stage(front, Files.createDirectory(folder.resolve(front.name())))) {
            return play.on(stage);
        } catch (Exception | AssertionError e) {
            throw new AssertionError("over " + front + ": " + e.getMessage(), e);
        }
    }

    Front front() {
        return front;
    }

    Simulator simulator() {
        return simulator;
    }

    /// The gateway's own folder.
    Path data() {
        return folder.resolve("data");
    }

    /// A file of the stage's.
    Path file(String name) {
        return folder.resolve(name);
    }

    private String yaml(int port, String more) throws IOException {
        return """
                listen: {%s}
                data: "%s"
                providers: {up: {base_url: "%s"%s}}
                %s
                """.formatted(
                        front.listen(folder, port),
                        data(),
                        front.of(simulator),
                        front.secured() ? ", ca: \"" + folder.resolve("ca.pem") + "\"" : "",
                        more);
    }

    /// Opens a gateway in this process.
    ///
    /// @param more of its configuration, besides where it listens and the provider `up`
    Gateway open(String more) throws IOException {
        gateway = Gateways.withOwners(yaml(0, more));
        address = gateway.address();
        return gateway;
    }

    /// The configuration of one in a process of its own, whose address stays.
    Path config(String more) throws IOException {
        if (address == null)
            address = new InetSocketAddress(InetAddress.getLoopbackAddress(), CrashWireTest.freePort());
        return Files.writeString(folder.resolve("freshet.yaml"), yaml(address.getPort(), more));
    }

    /// Where the gateway listens, or will.
    InetSocketAddress at() {
        if (address == null) throw new IllegalStateException("there is no gateway yet");
        return address;
    }

    EventClient post(String model, String... headers) throws IOException {
        return EventClient.post(front, at(), StreamsWireTest.body(model), headers);
    }

    /// From a client that has room for little that it does not read.
    EventClient smallPost(String model, String... headers) throws IOException {
        return EventClient.smallPost(front, at(), StreamsWireTest.body(model), headers);
    }

    EventClient get(String path, String... headers) throws IOException {
        return EventClient.get(front, at(), path, headers);
    }

    JsonNode state(String stream) throws IOException {
        try (EventClient client = get("/v1/streams/" + stream)) {
            return JSON.readTree(client.body());
        }
    }

    /// The outcome of a stream that is over, or will be soon.
    String outcome(String stream) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            JsonNode state = state(stream);
            String word = state.get("state").asString();
            if (word.equals("completed")) return word;
            if (!word.equals("running")) return state.at("/error/code").asString();
            assertThat(System.nanoTime()).as("%s is over", stream).isLessThan(end);
            Thread.sleep(5);
        }
    }

    /// What the ledger says of the exchanges with a model, which are all alike.
    FailureTable.Recorded recorded(String model, int count) {
        Eventually.is(() -> rows(model).size() >= count);
        List<LedgerRows.Row> rows = rows(model);
        assertThat(rows).hasSize(count);
        assertThat(rows.stream().map(LedgerRows.Row::stream).distinct()).hasSize(count);
        assertThat(rows.stream().map(LedgerRows.Row::word).distinct()).hasSize(1);
        assertThat(rows.stream().map(LedgerRows.Row::outcome).distinct()).hasSize(1);
        String outcome = rows.getFirst().outcome();
        return new FailureTable.Recorded(
                outcome.equals("cancelled") ? "stream_cancelled" : outcome,
                rows.getFirst().word());
    }

    private List<LedgerRows.Row> rows(String model) {
        return LedgerRows.all(data()).stream()
                .filter(row -> row.model().equals(model))
                .toList();
    }

    @Override
    public void close() {
        if (gateway != null) gateway.close();
        simulator.close();
    }

    @Override
    public String toString() {
        return front.toString();
    }
}
