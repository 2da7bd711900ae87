package dev.freshet.gateway.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.model.StreamId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class MemoryStoreTest {
    private static final byte[] TOKEN = "x".repeat(60).getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] STATE = "{}".getBytes(StandardCharsets.US_ASCII);
    private static final Duration KEEP = Duration.ofMinutes(10);

    private final AtomicLong clock = new AtomicLong();

    private MemoryStore store(long maxMemory) {
        return new MemoryStore(maxMemory, () -> KEEP, clock::get);
    }

    private static StreamLog log(MemoryStore store) {
        StreamHead head = new StreamHead(
                StreamId.random(), StreamHead.newGen(), new Owner("o"), null, 0, "m", Duration.ZERO, 1 << 20, null);
        StreamLog log = new StreamLog(head, Runnable::run, store.budget(), null);
        store.keep(log, null, () -> {});
        return log;
    }

    private static boolean fill(StreamLog log, int tokens) {
        for (int i = 0; i < tokens; i++) {
            if (!log.append(EntryKind.EVENT, TOKEN, 0, TOKEN.length)) return false;
        }
        log.publish();
        return true;
    }

    private static StreamId finished(MemoryStore store, int tokens) {
        StreamLog log = log(store);
        assertThat(fill(log, tokens)).isTrue();
        log.end(new Outcome.Completed(), EntryKind.DONE, DONE, STATE);
        return log.id();
    }

    private static Lookup find(MemoryStore store, StreamId id) {
        AtomicReference<Lookup> answer = new AtomicReference<>(new Lookup.Unknown());
        store.find(id, Runnable::run, answer::set);
        return answer.get();
    }

    @Test
    void aFinishedLogIsKeptForItsTimeAndThenKnownToHaveBeenThere() {
        MemoryStore store = store(1 << 20);
        StreamId id = finished(store, 3);
        clock.addAndGet(KEEP.toNanos() - 1);
        store.sweep();
        assertThat(find(store, id)).isInstanceOf(Lookup.Present.class);
        clock.addAndGet(1);
        store.sweep();
        assertThat(find(store, id)).isEqualTo(new Lookup.Expired(new Owner("o")));
        assertThat(find(store, StreamId.random())).isEqualTo(new Lookup.Unknown());
    }

    @Test
    void runningLogsAreKeptWhateverTheTime() {
        MemoryStore store = store(1 << 20);
        StreamLog log = log(store);
        clock.addAndGet(Duration.ofDays(1).toNanos());
        store.sweep();
        assertThat(find(store, log.id())).isInstanceOf(Lookup.Present.class);
    }

    @Test
    void whenMemoryIsShortFinishedLogsGoOldestFirstThenNewWorkIsRefusedAndTheRestCannotGrow() {
        MemoryStore store = store(200_000);
        StreamId oldest = finished(store, 500);
        StreamId newer = finished(store, 500);
        StreamLog running = log(store);
        assertThat(fill(running, 2_200)).isTrue();
        assertThat(find(store, oldest)).isInstanceOf(Lookup.Expired.class);
        assertThat(store.refusal()).isNull();
        assertThat(fill(running, 2_000)).isFalse();
        assertThat(find(store, newer)).isInstanceOf(Lookup.Expired.class);
        assertThat(store.budget().used()).isLessThanOrEqualTo(200_000);
        List<StreamLog> more = new ArrayList<>();
        while (store.refusal() == null && more.size() < 1_000) more.add(log(store));
        assertThat(store.refusal()).isNotNull().satisfies(refusal -> {
            assertThat(refusal.status()).isEqualTo(503);
            assertThat(refusal.message()).contains("streams.max_memory");
        });
        running.end(new Outcome.Completed(), EntryKind.DONE, DONE, STATE);
        assertThat(store.refusal()).isNull();
    }

    /// What is left of a forgotten stream is its id, for so many of them.
    @Test
    void tenThousandFinishedStreamsExpireAndLeaveTheHeapWhereItWas() {
        MemoryStore store = store(Long.MAX_VALUE);
        finished(store, 500);
        long before = usedHeap();
        for (int i = 0; i < 10_000; i++) finished(store, 500);
        long full = usedHeap();
        clock.addAndGet(KEEP.toNanos());
        store.sweep();
        long after = usedHeap();
        System.out.printf(
                "10,000 finished streams of 500 tokens: heap %d KB before, %d KB full, %d KB after%n",
                before >> 10, full >> 10, after >> 10);
        assertThat(full - before).isGreaterThan(300L << 20);
        assertThat(after - before).isLessThan(8L << 20);
        assertThat(store.budget().used()).isZero();
        assertThat(store.size()).isZero();
    }

    private static long usedHeap() {
        for (int i = 0; i < 3; i++) System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
