package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` of the gateway, again and again, under running streams. The system properties `seed` and
/// `kills` set what their names say.
@Tag("program")
class CrashWireTest {
    private static final int READERS = 200;
    private static final int TOKENS = 100;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final AtomicLong streams = new AtomicLong();
    private final AtomicLong completed = new AtomicLong();
    private final AtomicLong interrupted = new AtomicLong();
    private final AtomicLong resumed = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile boolean killing = true;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void nothingThatAReaderHadIsEverMissingAfterAKill() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        int kills = Integer.getInteger("kills", 50);
        Random random = new Random(seed);
        int port = freePort();
        InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        try (Simulator simulator = Simulator.builder().start();
                ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            Path config = folder.resolve("freshet.yaml");
            String model = "tokens-" + TOKENS + "-at-100";
            Files.writeString(config, """
                    listen: {port: %d}
                    data: %s
                    providers: {up: {base_url: "%s", prefill: {field: prefix}, usage: never}}
                    models:
                      ends: {targets: [{provider: up, model: %s}]}
                      goes-on: {targets: [{provider: up, model: %s}], continue: prefill}
                    streams: {store: disk, keep: 10m}
                    """.formatted(port, folder, simulator.baseUri(), model, model));
            GatewayProcess gateway = GatewayProcess.start(config);
            try {
                List<? extends Future<?>> running = IntStream.range(0, READERS)
                        .mapToObj(i -> readers.submit(() -> read(at, i % 2 == 0 ? "ends" : "goes-on")))
                        .toList();
                for (int i = 0; i < kills; i++) {
                    Thread.sleep(400 + random.nextInt(800));
                    gateway.kill();
                    gateway = GatewayProcess.start(config);
                }
                killing = false;
                for (Future<?> reader : running) reader.get();
            } finally {
                gateway.close();
            }
        }
        System.out.printf(
                "seed %d: %d kills under %d readers; %d streams: %d completed, %d interrupted; %d resumed; %d events; %d wrong%n",
                seed,
                kills,
                READERS,
                streams.get(),
                completed.get(),
                interrupted.get(),
                resumed.get(),
                events.get(),
                wrong.size());
        assertThat(wrong).isEmpty();
        assertThat(resumed.get()).isGreaterThan((long) kills * READERS / 4);
        assertThat(interrupted.get()).isPositive();
    }

    /// One reader: stream after stream, coming back by itself whenever it is cut off.
    private void read(InetSocketAddress at, String model) {
        while (killing) {
            List<Event> had = new ArrayList<>();
            String id = null;
            long end = System.nanoTime() + LIMIT.toNanos();
            while (!over(had) && System.nanoTime() < end) {
                try (EventClient client = id == null ? begin(at, model) : resume(at, id, had)) {
                    if (id == null) {
                        streams.incrementAndGet();
                        id = client.stream();
                    } else if (client.status() != 200) {
                        wrong.add("resuming " + id + " after " + last(had) + " gave " + client.status());
                        return;
                    }
                    for (Event event = client.next(); event != null; event = client.next()) take(had, event);
                } catch (IOException e) {
                    // The gateway is dead; the reader comes back until it is not.
                    pause();
                }
            }
            check(at, model, id, had);
        }
    }

    private static EventClient begin(InetSocketAddress at, String model) throws IOException {
        EventClient client = EventClient.post(at, StreamsWireTest.body(model), "Freshet-Ids: 1", "Freshet-Grace: 30s");
        // An answer whose beginning nobody saw is asked for again.
        if (client.status() != 200) throw new IOException("status " + client.status());
        return client;
    }

    private EventClient resume(InetSocketAddress at, String id, List<Event> had) throws IOException {
        String path = "/v1/streams/" + id + "/events";
        EventClient client =
                had.isEmpty() ? EventClient.get(at, path) : EventClient.get(at, path, "Last-Event-ID: " + last(had));
        resumed.incrementAndGet();
        return client;
    }

    private static String last(List<Event> had) {
        return had.isEmpty() ? "nothing" : had.getLast().id();
    }

    private static boolean over(List<Event> had) {
        return !had.isEmpty() && had.getLast().type().equals("end");
    }

    private void take(List<Event> had, Event event) {
        events.incrementAndGet();
        if (event.number() != had.size() + 1) wrong.add("number " + event.number() + " after " + had.size());
        had.add(event);
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What the reader had, all together, is what is there now, and what the model says.
    private void check(InetSocketAddress at, String model, @Nullable String id, List<Event> had) {
        if (!over(had)) {
            wrong.add("a stream did not end: " + id + " after " + last(had));
            return;
        }
        if (had.stream().filter(event -> event.type().equals("end")).count() != 1) wrong.add("several ends: " + id);
        checkText(model, had);
        long end = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < end) {
            try (EventClient again = EventClient.get(at, "/v1/streams/" + id + "/events")) {
                List<Event> all = again.rest();
                if (!all.equals(had))
                    wrong.add("stream " + id + " had " + had.size() + " events, and has " + all.size());
                return;
            } catch (IOException e) {
                pause();
            }
        }
        wrong.add("stream " + id + " could not be read again");
    }

    private void checkText(String model, List<Event> had) {
        String last = had.get(had.size() - 2).data();
        boolean whole = last.equals("[DONE]");
        (whole ? completed : interrupted).incrementAndGet();
        // An answer that had begun, and may be gone on with, is.
        boolean goesOn = model.equals("goes-on") && had.size() > 4;
        boolean right = whole || (!goesOn && last.contains("\"stream_interrupted\""));
        if (!right) wrong.add("an end without reason: " + last);
        String text = text(had.subList(0, had.size() - (whole ? 1 : 2)));
        String all = IntStream.rangeClosed(1, TOKENS).mapToObj(i -> i + " ").collect(Collectors.joining());
        if (whole ? !text.equals(all) : !all.startsWith(text)) wrong.add(model + " said: " + text);
    }

    private static String text(List<Event> events) {
        try {
            return StreamsWireTest.text(events);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
