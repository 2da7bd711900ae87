package dev.freshet.gateway;

import dev.freshet.gateway.EventClient.Event;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Readers of a gateway that goes away and comes back: each reads stream after stream, comes back by itself with its
/// cursor whenever it is cut off, and holds what it had to what is there then. Thread-safe.
final class ReturningReaders {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    final AtomicLong streams = new AtomicLong();
    final AtomicLong completed = new AtomicLong();
    final AtomicLong interrupted = new AtomicLong();
    final AtomicLong resumed = new AtomicLong();
    final AtomicLong events = new AtomicLong();
    final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final InetSocketAddress at;
    private volatile boolean going = true;
    private volatile long told = System.nanoTime();

    ReturningReaders(InetSocketAddress at) {
        this.at = at;
    }

    /// What a model says, and what the gateway owes its readers.
    ///
    /// @param tokens how many it says: "1 ", "2 " and so on
    /// @param goesOn an answer that had begun is gone on with, whatever happens
    /// @param uncut where its gateway is told to end, an answer that has begun ends well on its connection
    record Owed(String model, int tokens, boolean goesOn, boolean uncut) {}

    /// The gateway is told to end.
    void telling() {
        told = System.nanoTime();
    }

    /// No stream is begun from now on.
    void stop() {
        going = false;
    }

    @Override
    public String toString() {
        return "%d streams: %d completed, %d interrupted; %d resumed; %d events; %d wrong"
                .formatted(
                        streams.get(), completed.get(), interrupted.get(), resumed.get(), events.get(), wrong.size());
    }

    /// One reader: stream after stream, coming back by itself whenever it is cut off.
    void read(Owed owed) {
        while (going) {
            List<Event> had = new ArrayList<>();
            String id = null;
            long began = 0;
            boolean cut = false;
            long end = System.nanoTime() + LIMIT.toNanos();
            while (!over(had) && System.nanoTime() < end) {
                try (EventClient client = id == null ? begin(owed.model()) : resume(id, had)) {
                    if (id == null) {
                        streams.incrementAndGet();
                        id = client.stream();
                        began = System.nanoTime();
                    } else if (client.status() != 200) {
                        wrong.add("resuming " + id + " after " + last(had) + " gave " + client.status());
                        return;
                    }
                    for (Event event = client.next(); event != null; event = client.next()) take(had, event);
                } catch (IOException e) {
                    // The gateway is gone; the reader comes back until it is not.
                    if (owed.uncut() && id != null && !cut && began - told < 0)
                        wrong.add("cut off: " + id + " after " + last(had));
                    cut = true;
                    pause();
                }
            }
            check(owed, id, had);
        }
    }

    private EventClient begin(String model) throws IOException {
        EventClient client = EventClient.post(at, StreamsWireTest.body(model), "Freshet-Ids: 1", "Freshet-Grace: 30s");
        // An answer whose beginning nobody saw is asked for again.
        if (client.status() != 200) throw new IOException("status " + client.status());
        return client;
    }

    private EventClient resume(String id, List<Event> had) throws IOException {
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
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What the reader had, all together, is what is there now, and what the model says.
    private void check(Owed owed, @Nullable String id, List<Event> had) {
        if (!over(had)) {
            wrong.add("a stream did not end: " + id + " after " + last(had));
            return;
        }
        if (had.stream().filter(event -> event.type().equals("end")).count() != 1) wrong.add("several ends: " + id);
        checkText(owed, had);
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

    private void checkText(Owed owed, List<Event> had) {
        String last = had.get(had.size() - 2).data();
        boolean whole = last.equals("[DONE]");
        (whole ? completed : interrupted).incrementAndGet();
        // An answer that had begun, and may be gone on with, is.
        boolean goesOn = owed.goesOn() && had.size() > 4;
        boolean right = whole || (!goesOn && last.contains("\"stream_interrupted\""));
        if (!right) wrong.add("an end without reason: " + last);
        String text = text(had.subList(0, had.size() - (whole ? 1 : 2)));
        String all =
                IntStream.rangeClosed(1, owed.tokens()).mapToObj(i -> i + " ").collect(Collectors.joining());
        if (whole ? !text.equals(all) : !all.startsWith(text)) wrong.add(owed.model() + " said: " + text);
    }

    private static String text(List<Event> events) {
        try {
            return StreamsWireTest.text(events);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
