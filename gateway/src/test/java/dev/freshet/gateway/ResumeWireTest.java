package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.EventClient.Event;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A thousand streams, each cut at random moments and resumed. The system property `seed` repeats a run.
class ResumeWireTest {
    private static final String CONFIG = """
            listen: {port: 0}
            data: DATA
            providers: {up: {base_url: "UPSTREAM"}}
            models: {"*": {targets: [{provider: up}]}}
            streams: {store: STORE}
            """;
    private static final int STREAMS = 1_000;
    private static final int AT_ONCE = 100;
    private static final int TOKENS = 80;
    private static final int MOST_CUTS = 10;

    private final AtomicLong cuts = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

    /// Each token has its number, and characters of two, three and four bytes.
    private static String token(int number) {
        return number + "\u00e9\u4f60\ud83d\ude00 ";
    }

    private static final String TEXT =
            IntStream.rangeClosed(1, TOKENS).mapToObj(ResumeWireTest::token).collect(Collectors.joining());

    private static Script script() {
        List<Step> steps = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        for (int i = 1; i <= TOKENS; i++) {
            steps.add(Steps.text(token(i)));
            steps.add(Steps.pause(Duration.ofMillis(i % 10 == 0 ? 20 : 1)));
        }
        steps.addAll(List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk()));
        return Script.of(steps);
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "disk"})
    void aThousandStreamsThatAreCutAndResumedLoseNothing(String store, @TempDir Path data) throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        Random seeds = new Random(seed);
        try (Simulator simulator =
                        Simulator.builder().script("numbered", script()).start();
                Gateway gateway = Gateway.start(
                        ConfigFile.parse(
                                CONFIG.replace("DATA", data.toString())
                                        .replace("UPSTREAM", simulator.baseUri().toString())
                                        .replace("STORE", store),
                                "freshet.yaml",
                                new Environment(Map.of())),
                        null);
                ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            Semaphore atOnce = new Semaphore(AT_ONCE);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                Random random = new Random(seeds.nextLong());
                atOnce.acquire();
                all.add(readers.submit(() -> {
                    try {
                        read(gateway.address(), random);
                    } finally {
                        atOnce.release();
                    }
                    return null;
                }));
            }
            for (Future<?> reader : all) reader.get();
        }
        System.out.printf(
                "seed %d, store %s: %d streams, %d cuts, %d events, %d wrong%n",
                seed, store, STREAMS, cuts.get(), events.get(), wrong.size());
        assertThat(wrong).isEmpty();
        assertThat(cuts.get()).isGreaterThan(STREAMS);
    }

    private void read(InetSocketAddress at, Random random) throws IOException {
        List<Event> had = new ArrayList<>();
        EventClient client =
                EventClient.post(at, StreamsWireTest.body("numbered"), "Freshet-Ids: 1", "Freshet-Grace: 1m");
        String id = client.stream();
        boolean merged = false;
        for (int cut = random.nextInt(MOST_CUTS + 1); cut > 0 && !over(had); cut--) {
            for (int left = random.nextInt(12); left > 0 && !over(had); left--) take(had, client, merged);
            if (over(had)) break;
            cuts.incrementAndGet();
            if (random.nextBoolean()) client.reset();
            else client.close();
            if (random.nextInt(4) == 0) pause(random.nextInt(40));
            merged = random.nextBoolean();
            String cursor = had.isEmpty() ? "0" : had.getLast().id();
            client = EventClient.get(
                    at, "/v1/streams/" + id + "/events" + (merged ? "?merge=1" : ""), "Last-Event-ID: " + cursor);
            if (client.status() != 200) wrong.add("resuming after " + cursor + " gave " + client.status());
        }
        while (!over(had)) take(had, client, merged);
        client.close();
        if (!StreamsWireTest.text(had).equals(TEXT)) wrong.add("stream " + id + " said " + StreamsWireTest.text(had));
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean over(List<Event> had) {
        return !had.isEmpty() && had.getLast().type().equals("end");
    }

    private void take(List<Event> had, EventClient client, boolean merged) throws IOException {
        Event event = client.next();
        if (event == null) throw new IOException("the response ended before the stream");
        events.incrementAndGet();
        long last = had.isEmpty() ? 0 : had.getLast().number();
        boolean next = merged ? event.number() > last : event.number() == last + 1;
        if (!next) wrong.add("number " + event.number() + " after " + last);
        if (event.data().indexOf('\ufffd') >= 0) wrong.add("U+FFFD in " + event.data());
        had.add(event);
    }
}
