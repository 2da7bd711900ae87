package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.freshet.gateway.EventClient.Event;
import dev.freshet.simulator.ChatCall;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Ten thousand streams, with faults drawn at random on both sides. The seed is printed; `-Dseed=N` repeats a
/// run.
class StormWireTest {
    private static final int STREAMS = Integer.getInteger("streams", 10_000);
    private static final int AT_ONCE = 200;
    private static final int MOST_TOKENS = 40;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();

    /// What the provider does, after some of the tokens.
    private enum Up {
        NOTHING(true),
        STALL(false),
        RESET(false),
        CUT(false),
        NO_DONE(false),
        FINISH_WITHOUT_DONE(true),
        ERROR_EVENT(false),
        REFUSAL(false),
        DONE_TWICE(true),
        BYTE_BY_BYTE(true),
        COMMENTS(true),
        NONSENSE_HEAD(false);

        private final boolean completes;

        Up(boolean completes) {
            this.completes = completes;
        }
    }

    /// What the client does, after some of the tokens.
    private enum Down {
        READS,
        CLOSES,
        RESETS,
        CUTS_AND_RESUMES
    }

    /// One stream's fate.
    private record Fate(Up up, Down down, boolean ids, int tokens, int upAfter, int downAfter, boolean slow) {
        static Fate drawn(long seed, int number) {
            Random random = new Random(seed + 1_000_003L * number);
            Up up = random.nextInt(3) == 0 ? Up.NOTHING : Up.values()[random.nextInt(Up.values().length)];
            Down down = random.nextBoolean() ? Down.READS : Down.values()[random.nextInt(Down.values().length)];
            boolean ids = down == Down.CUTS_AND_RESUMES || random.nextBoolean();
            int tokens = 1 + random.nextInt(MOST_TOKENS);
            return new Fate(
                    up,
                    down,
                    ids,
                    tokens,
                    random.nextInt(tokens + 1),
                    random.nextInt(tokens + 1),
                    random.nextInt(4) == 0);
        }

        /// How many tokens the provider gives.
        int given() {
            return switch (up) {
                case NOTHING, FINISH_WITHOUT_DONE, DONE_TWICE, BYTE_BY_BYTE, COMMENTS -> tokens;
                case REFUSAL, NONSENSE_HEAD -> 0;
                case STALL, RESET, CUT, NO_DONE, ERROR_EVENT -> upAfter;
            };
        }

        boolean completes() {
            return up.completes;
        }

        Iterator<Step> script() {
            List<Step> steps = new ArrayList<>();
            if (up == Up.REFUSAL)
                return List.of(Steps.json(500, "{}"), new Step.End()).iterator();
            if (up == Up.NONSENSE_HEAD)
                return List.of(Steps.raw("HTTP/7 nonsense\r\n\r\n"), Steps.close())
                        .iterator();
            steps.add(Steps.head());
            for (int i = 1; i <= given(); i++) {
                if (slow) steps.add(Steps.pause(Duration.ofMillis(2)));
                if (up == Up.COMMENTS) steps.add(Steps.chunk(": still here\n\n"));
                Step token = Steps.text(i + " ");
                if (up == Up.BYTE_BY_BYTE && i == 1) steps.addAll(bytes((Step.Send) token));
                else steps.add(token);
            }
            steps.addAll(
                    switch (up) {
                        case STALL -> List.<Step>of(Steps.hang());
                        case RESET -> List.of(Steps.pause(Duration.ofMillis(20)), Steps.reset());
                        case CUT -> List.of(Steps.raw("ff\r\ndata: {\"cho"), Steps.close());
                        case NO_DONE -> List.of(Steps.lastChunk());
                        case FINISH_WITHOUT_DONE -> List.of(Steps.finish("stop"), Steps.lastChunk());
                        case ERROR_EVENT -> List.of(Steps.event("{\"error\":{\"message\":\"m\"}}"), Steps.lastChunk());
                        case DONE_TWICE -> List.of(Steps.finish("stop"), Steps.done(), Steps.done(), Steps.lastChunk());
                        case NOTHING, BYTE_BY_BYTE, COMMENTS ->
                            List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk());
                        case REFUSAL, NONSENSE_HEAD -> throw new AssertionError();
                    });
            return Step.complete(steps).iterator();
        }

        private static List<Step> bytes(Step.Send whole) {
            List<Step> steps = new ArrayList<>();
            for (byte b : whole.bytes()) steps.add(new Step.Send(new byte[] {b}));
            return steps;
        }
    }

    private final long seed = Long.getLong("seed", ThreadLocalRandom.current().nextLong(1_000_000));

    private Iterator<Step> script(ChatCall call) {
        return Fate.drawn(seed, Integer.parseInt(call.prompt())).script();
    }

    private static String body(int number) {
        return "{\"model\":\"storm\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"" + number
                + "\"}]}";
    }

    @Test
    void tenThousandStreamsInAStorm() throws Exception {
        System.out.printf("storm of %d streams: -Dseed=%d%n", STREAMS, seed);
        ListAppender<ILoggingEvent> leaks = new ListAppender<>();
        Logger detector = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
        leaks.start();
        detector.addAppender(leaks);
        Map<Up, Integer> ups = new EnumMap<>(Up.class);
        Map<Down, Integer> downs = new EnumMap<>(Down.class);
        long tokens = 0;
        long socketsBefore = sockets();
        try (Simulator simulator = Simulator.builder()
                        .recording(true)
                        .script("storm", this::script)
                        .start();
                Gateway gateway = Gateways.withOwners("""
                        listen: {port: 0}
                        providers: {up: {base_url: "%s"}}
                        models: {"*": {targets: [{provider: up}], retry: {attempts: 2, base: 1ms}, timeouts: {first_token: 10s, idle: 3s}}}
                        """.formatted(simulator.baseUri()))) {
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Semaphore places = new Semaphore(AT_ONCE);
                List<Future<Integer>> running = new ArrayList<>();
                for (int i = 0; i < STREAMS; i++) {
                    int number = i;
                    places.acquire();
                    running.add(threads.submit(() -> {
                        try {
                            return new Client(gateway, number, Fate.drawn(seed, number)).run();
                        } finally {
                            places.release();
                        }
                    }));
                }
                for (Future<Integer> one : running) tokens += one.get();
            }
            for (int i = 0; i < STREAMS; i++) {
                Fate fate = Fate.drawn(seed, i);
                ups.merge(fate.up(), 1, Integer::sum);
                downs.merge(fate.down(), 1, Integer::sum);
            }
            nothingIsLeft(simulator, gateway, socketsBefore);
        } finally {
            detector.detachAppender(leaks);
        }
        System.gc();
        // The detector tells of what was collected when the next buffers are made.
        for (int i = 0; i < 10_000; i++) {
            ByteBuf buffer = ByteBufAllocator.DEFAULT.buffer(16);
            buffer.release();
        }
        assertThat(leaks.list).as("leaked buffers").isEmpty();
        System.out.printf(
                "storm: %d tokens, 0 lost, 0 repeated, 0 failures that looked like success; %s %s%n",
                tokens, ups, downs);
    }

    /// One client's part.
    private record Client(Gateway gateway, int number, Fate fate) {
        /// @return how many tokens it got
        int run() throws IOException {
            List<Event> events = new ArrayList<>();
            String[] headers = fate.ids() ? new String[] {"Freshet-Ids: 1", "Freshet-Grace: 20s"} : new String[0];
            String id;
            try (EventClient client = EventClient.post(gateway.address(), body(number), headers)) {
                if (client.status() != 200) {
                    assertThat(fate.given()).as("%s: %s", this, client.status()).isZero();
                    assertThat(fate.completes()).as("%s", this).isFalse();
                    return 0;
                }
                id = client.stream();
                if (fate.down() == Down.READS) {
                    events.addAll(client.rest());
                } else {
                    for (int i = 0; i < fate.downAfter(); i++) {
                        Event event = client.next();
                        if (event == null) break;
                        events.add(event);
                    }
                    if (fate.down() == Down.RESETS || fate.downAfter() % 2 == 0) client.reset();
                }
            }
            if (fate.down() == Down.CUTS_AND_RESUMES
                    && (events.isEmpty() || !last(events).type().equals("end"))) resume(id, events);
            boolean whole = fate.down() == Down.READS || fate.down() == Down.CUTS_AND_RESUMES;
            return check(events, whole);
        }

        private static Event last(List<Event> events) {
            return events.getLast();
        }

        private void resume(String id, List<Event> events) throws IOException {
            String path = "/v1/streams/" + id + "/events";
            String cursor = events.isEmpty() ? "" : last(events).id();
            String[] headers = cursor.isEmpty() ? new String[0] : new String[] {"Last-Event-ID: " + cursor};
            try (EventClient again = EventClient.get(gateway.address(), path, headers)) {
                assertThat(again.status()).as("%s", this).isEqualTo(200);
                events.addAll(again.rest());
            }
        }

        private int check(List<Event> events, boolean whole) throws IOException {
            int tokens = 0;
            @Nullable String end = null;
            for (Event event : events) {
                assertThat(end)
                        .as("%s: nothing but the state follows the end", this)
                        .satisfiesAnyOf(
                                e -> assertThat(e).isNull(),
                                _ -> assertThat(event.type()).isEqualTo("end"));
                if (fate.ids()) assertThat(event.number()).as("%s", this).isEqualTo(events.indexOf(event) + 1L);
                if (event.type().equals("end")) {
                    String state = JSON.readTree(event.data()).get("state").asString();
                    assertThat(state).as("%s", this).isEqualTo("[DONE]".equals(end) ? "completed" : "failed");
                } else if (event.data().equals("[DONE]") || event.data().startsWith("{\"error\"")) {
                    end = event.data();
                } else {
                    JsonNode delta = JSON.readTree(event.data()).at("/choices/0/delta/content");
                    if (!delta.isMissingNode())
                        assertThat(delta.asString()).as("%s", this).isEqualTo(++tokens + " ");
                }
            }
            if (whole) {
                // A reset may overtake what was sent before it, in its sender's system: that was never here.
                if (fate.up() == Up.RESET) assertThat(tokens).as("%s", this).isLessThanOrEqualTo(fate.given());
                else assertThat(tokens).as("%s: %s", this, end).isEqualTo(fate.given());
                assertThat(end).as("%s", this).isNotNull();
            }
            if ("[DONE]".equals(end)) {
                assertThat(fate.completes())
                        .as("%s: a failure that looks like success", this)
                        .isTrue();
                assertThat(tokens).as("%s", this).isEqualTo(fate.tokens());
            } else if (whole) {
                assertThat(fate.completes()).as("%s: %s", this, end).isFalse();
            }
            return tokens;
        }

        @Override
        public String toString() {
            return "stream " + number + ", " + fate;
        }
    }

    private static void nothingIsLeft(Simulator simulator, Gateway gateway, long socketsBefore) throws Exception {
        await(
                "no provider works for nobody",
                () -> simulator.exchanges().stream().allMatch(one -> one.state() != Exchange.State.RUNNING));
        await("every connection to a provider is closed, or rests to be used again", () -> {
            String all = metrics(gateway);
            return all.contains("freshet_exchanges_running 0.0")
                    && all.contains("freshet_upstream_connections_resting " + (double) simulator.connections());
        });
        // What the gateway does each second is left, and its look at savings.
        await("no timer is left", () -> timers(gateway) <= 2);
        await("no client's connection is left", () -> sockets() <= socketsBefore + 2L * simulator.connections() + 8);
    }

    private static String metrics(Gateway gateway) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            return wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    .readAll();
        }
    }

    /// The timers that wait on the gateway's loops.
    private static int timers(Gateway gateway) throws Exception {
        Field loops = Gateway.class.getDeclaredField("loops");
        loops.setAccessible(true);
        Field queue = AbstractScheduledEventExecutor.class.getDeclaredField("scheduledTaskQueue");
        queue.setAccessible(true);
        int all = 0;
        for (EventExecutor loop : (EventLoopGroup) loops.get(gateway)) {
            Callable<Integer> size = () -> queue.get(loop) instanceof Collection<?> tasks ? tasks.size() : 0;
            all += loop.submit(size).get();
        }
        return all;
    }

    /// Open sockets of this process, which is the clients', the gateway's and the provider's.
    private static long sockets() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(StormWireTest::isSocket).count();
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(20);
        }
    }
}
