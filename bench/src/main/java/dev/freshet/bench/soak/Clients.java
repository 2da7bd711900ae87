package dev.freshet.bench.soak;

import dev.freshet.sse.SseEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The clients of the soak, each one thing after another at random, for ever. They hold every answer to each token once
/// and in order, and to exactly one end. Thread-safe.
final class Clients implements AutoCloseable {
    /// What they show.
    static final String KEY = "soak-key-of-32-random-characters";

    private static final int MOST_FAULTS = 20;
    private static final int CLOSE_LIMIT_SECONDS = 90;
    private static final String TEXT =
            IntStream.rangeClosed(1, Provider.TOKENS).mapToObj(i -> i + " ").collect(Collectors.joining());

    private final int port;
    private final AtomicLongArray counts = new AtomicLongArray(Behaviour.values().length);
    private final AtomicLong events = new AtomicLong();
    private final AtomicBoolean going = new AtomicBoolean(true);
    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();
    private final Map<Integer, String> doing = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    /// @param count how many at once
    Clients(int port, int count, long seed) {
        this.port = port;
        for (int i = 0; i < count; i++) {
            int number = i;
            threads.execute(() -> live(number, new Random(seed + number)));
        }
    }

    long count(Behaviour behaviour) {
        return counts.get(behaviour.ordinal());
    }

    long events() {
        return events.get();
    }

    /// What was lost, repeated, broken or never ended; the first of them.
    List<String> faults() {
        return List.copyOf(faults);
    }

    /// Begins nothing new, and waits for what runs.
    @Override
    public void close() {
        going.set(false);
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_LIMIT_SECONDS, TimeUnit.SECONDS)) faults.add("clients hang: " + doing);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.shutdownNow();
    }

    private void live(int number, Random random) {
        Behaviour[] all = Behaviour.values();
        while (going.get() && faults.size() < MOST_FAULTS) {
            Behaviour behaviour = all[random.nextInt(all.length)];
            String model = behaviour == Behaviour.FAILING
                    ? Provider.FAILURES.get(random.nextInt(Provider.FAILURES.size()))
                    : "";
            doing.put(number, behaviour + " " + model);
            try {
                act(behaviour, model, random);
                counts.incrementAndGet(behaviour.ordinal());
                Thread.sleep(random.nextInt(100));
            } catch (IOException | RuntimeException e) {
                faults.add(behaviour + ": " + e);
            } catch (InterruptedException e) {
                return;
            }
            doing.remove(number);
        }
    }

    private void act(Behaviour behaviour, String model, Random random) throws IOException, InterruptedException {
        switch (behaviour) {
            case READS -> whole(behaviour, stream("whole", false));
            case CONTINUED -> whole(behaviour, stream("breaks", false));
            case CORRECTED -> whole(behaviour, stream("wanders", false));
            case SLOW -> whole(behaviour, stream("whole", true));
            case RESUMES -> resumes(random);
            case LEAVES -> stream("whole", random.nextInt(Provider.TOKENS));
            case EVENT_SOURCE -> eventSource();
            case WHOLE -> wholeAnswer();
            case TWICE -> twice();
            case FAILING -> fails(model);
        }
    }

    // ---- what they do

    private Heard stream(String model, boolean slow) throws IOException, InterruptedException {
        Heard heard = new Heard();
        try (Call call = post(model, true, slow, "Freshet-Ids: 1")) {
            heard.all(call, slow);
        }
        return heard;
    }

    private void stream(String model, int most) throws IOException {
        try (Call call = post(model, true, false, "Freshet-Ids: 1")) {
            new Heard().some(call, most);
        }
    }

    private void resumes(Random random) throws IOException, InterruptedException {
        Heard heard = new Heard();
        String id;
        try (Call call = post("whole", true, false, "Freshet-Ids: 1", "Freshet-Grace: 20s")) {
            id = call.header("Freshet-Stream");
            heard.some(call, 1 + random.nextInt(20));
        }
        Thread.sleep(random.nextInt(500));
        try (Call call = events(id, heard.last)) {
            heard.some(call, random.nextInt(20));
        }
        try (Call call = events(id, heard.last)) {
            heard.all(call, false);
        }
        whole(Behaviour.RESUMES, heard);
    }

    private void eventSource() throws IOException, InterruptedException {
        Heard heard = new Heard();
        String id;
        try (Call call = post("whole", true, false, "Freshet-Ids: 1", "Freshet-Grace: 20s")) {
            id = call.header("Freshet-Stream");
        }
        try (Call call = events(id, "")) {
            heard.all(call, false);
        }
        whole(Behaviour.EVENT_SOURCE, heard);
        // It asks again after the end, and is told not to.
        try (Call call = events(id, heard.last)) {
            if (call.status() != 204) faults.add("EVENT_SOURCE: " + call.status() + " after the end");
        }
    }

    private void wholeAnswer() throws IOException {
        try (Call call = post("whole", false, false)) {
            String body = call.body();
            if (!body.contains("\"" + TEXT + "\"")) faults.add("WHOLE: " + call.status() + " " + body);
        }
    }

    private void twice() throws IOException, InterruptedException {
        String key = "Idempotency-Key: " + UUID.randomUUID();
        Heard first = new Heard();
        Heard second = new Heard();
        try (Call one = post("whole", true, false, "Freshet-Ids: 1", key);
                Call other = post("whole", true, false, "Freshet-Ids: 1", key)) {
            String stream = one.header("Freshet-Stream");
            if (!stream.equals(other.header("Freshet-Stream"))) faults.add("TWICE: two streams for one key");
            first.all(one, false);
            second.all(other, false);
        }
        whole(Behaviour.TWICE, first);
        whole(Behaviour.TWICE, second);
    }

    private void fails(String model) throws IOException, InterruptedException {
        Heard heard = new Heard();
        try (Call call = post(model, true, false, "Freshet-Ids: 1")) {
            if (call.status() != 200) {
                String body = call.body();
                if (body.contains("\"internal\"")) faults.add(model + ": " + body);
                return;
            }
            heard.all(call, false);
        }
        if (heard.ends != 1) faults.add(model + ": " + heard);
    }

    private void whole(Behaviour behaviour, Heard heard) {
        if (heard.ends != 1 || !heard.done || !heard.text.toString().equals(TEXT)) faults.add(behaviour + ": " + heard);
    }

    // ---- how they ask

    private Call post(String model, boolean stream, boolean slow, String... headers) throws IOException {
        String body = "{\"model\":\"%s\",\"stream\":%b,\"messages\":[{\"role\":\"user\",\"content\":\"count\"}]}"
                .formatted(model, stream);
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return new Call(
                port,
                head("POST /v1/chat/completions") + "Content-Type: application/json\r\n" + more + "Content-Length: "
                        + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body,
                slow);
    }

    private Call events(String stream, String last) throws IOException {
        String cursor = last.isEmpty() ? "" : "Last-Event-ID: " + last + "\r\n";
        return new Call(port, head("GET /v1/streams/" + stream + "/events") + cursor + "\r\n", false);
    }

    private static String head(String line) {
        return line + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + KEY + "\r\n";
    }

    /// What one reader heard of one stream, over all its connections.
    private final class Heard {
        private static final String CONTENT = "\"content\":\"";

        final StringBuilder text = new StringBuilder();
        final List<String> odd = new ArrayList<>();
        String last = "";
        boolean done;
        int ends;

        void all(Call call, boolean slow) throws IOException, InterruptedException {
            for (SseEvent event = call.next(); event != null; event = call.next()) {
                hear(event);
                if (slow) Thread.sleep(30);
            }
        }

        void some(Call call, int most) throws IOException {
            for (int i = 0; i < most; i++) if (!hear(call.next())) return;
        }

        private boolean hear(@Nullable SseEvent event) {
            if (event == null) return false;
            events.incrementAndGet();
            last = event.lastEventId();
            String data = event.data();
            int from = data.indexOf(CONTENT);
            if (event.type().equals("end")) ends++;
            else if (data.equals("[DONE]")) done = true;
            else if (from >= 0) text.append(data, from + CONTENT.length(), data.indexOf('"', from + CONTENT.length()));
            else if (data.startsWith("{\"error\"")) odd.add(data);
            return true;
        }

        @Override
        public String toString() {
            return "%d ends, done %b, after %s, %s: %s".formatted(ends, done, last, odd, text);
        }
    }
}
