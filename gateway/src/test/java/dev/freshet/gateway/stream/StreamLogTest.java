package dev.freshet.gateway.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.model.StreamId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StreamLogTest {
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] STATE = "{}".getBytes(StandardCharsets.US_ASCII);

    private final StreamLog log = log(1 << 20);

    private static StreamLog log(long maxBytes) {
        StreamHead head = new StreamHead(
                StreamId.random(), StreamHead.newGen(), Owner.ANYONE, null, 0, "m", Duration.ZERO, maxBytes, null);
        return new StreamLog(head, Runnable::run, new MemoryBudget(Long.MAX_VALUE), new Writer());
    }

    /// Counts how often readers came and went.
    private static final class Writer implements LogWriter {
        @Override
        public void joined() {}

        @Override
        public void left(int readers) {}

        @Override
        public void stop() {}

        @Override
        public byte[] state() {
            return STATE;
        }
    }

    private boolean append(String text) {
        byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);
        return log.append(EntryKind.EVENT, bytes, 1, bytes.length - 2);
    }

    private List<String> rest(LogCursor cursor) {
        log.publish();
        List<String> found = new ArrayList<>();
        while (cursor.next()) {
            found.add(cursor.number() + ":" + cursor.kind() + ":"
                    + new String(cursor.array(), cursor.offset(), cursor.length(), StandardCharsets.UTF_8));
        }
        return found;
    }

    @Test
    void entriesAreNumberedDenselyAndReadInOrder() {
        LogCursor cursor = log.fromStart();
        append("a");
        append("");
        assertThat(rest(cursor)).containsExactly("1:EVENT:a", "2:EVENT:");
        append("c");
        assertThat(rest(cursor)).containsExactly("3:EVENT:c");
        assertThat(rest(log.fromStart())).hasSize(3);
        assertThat(log.tail()).isEqualTo(3);
    }

    @Test
    void entriesOfEverySizeComeBackWhole() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("StreamLogTest seed " + seed);
        Random random = new Random(seed);
        List<String> written = new ArrayList<>();
        LogCursor live = log.fromStart();
        List<String> read = new ArrayList<>();
        for (int i = 1; i <= 500; i++) {
            String text = "x".repeat(random.nextInt(random.nextInt(10) == 0 ? 20_000 : 400));
            if (!append(text)) break;
            written.add(i + ":EVENT:" + text);
            if (random.nextBoolean()) read.addAll(rest(live));
        }
        read.addAll(rest(live));
        assertThat(read).isEqualTo(written);
        assertThat(rest(log.fromStart())).isEqualTo(written);
    }

    @Test
    void whatDoesNotFitLeavesTheLogAsItWas() {
        StreamLog small = log(10);
        byte[] six = new byte[6];
        assertThat(small.append(EntryKind.EVENT, six, 0, 6)).isTrue();
        assertThat(small.append(EntryKind.EVENT, six, 0, 6)).isFalse();
        assertThat(small.tail()).isEqualTo(1);
        assertThat(small.append(EntryKind.EVENT, six, 0, 4)).isTrue();
    }

    @Test
    void theEndIsTwoEntriesOnceAndNothingFollows() {
        append("a");
        log.end(new Outcome.Completed(), EntryKind.DONE, DONE, STATE);
        assertThat(rest(log.fromStart())).containsExactly("1:EVENT:a", "2:DONE:[DONE]", "3:END:{}");
        assertThat(log.state()).isEqualTo(STATE);
        assertThat(log.outcome()).isEqualTo(new Outcome.Completed());
        assertThatThrownBy(() -> append("b")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> log.end(new Outcome.Completed(), EntryKind.ERROR, DONE, STATE))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void readersSeeNothingThatIsNotSafeYet() {
        LogCursor cursor = log.fromStart();
        append("a");
        assertThat(cursor.next()).isFalse();
        assertThat(cursor.next(log.tail())).isTrue();
        LogCursor another = log.fromStart();
        log.publish();
        assertThat(another.next()).isTrue();
    }

    @Test
    void aCursorBehindAnyEntryReadsTheRest() {
        for (int i = 1; i <= 300; i++) append("x".repeat(i));
        log.publish();
        for (int after = 0; after <= 300; after++) {
            assertThat(rest(log.after(after))).hasSize(300 - after);
        }
    }

    @Test
    void readersAreToldOncePerBatchAndMayLeaveMeanwhile() {
        List<String> told = new ArrayList<>();
        Reading[] leaving = new Reading[1];
        Reading staying = log.join(log.loop(), () -> told.add("staying"));
        leaving[0] = log.join(log.loop(), () -> {
            told.add("leaving");
            leaving[0].leave();
        });
        append("a");
        append("b");
        assertThat(told).isEmpty();
        log.publish();
        log.publish();
        assertThat(told).containsExactlyInAnyOrder("leaving", "staying", "staying");
        staying.leave();
        assertThat(log.readers()).isZero();
    }

    /// Two threads, as two event loops are: the reader of the one sees every entry of the other, in order,
    /// once.
    @Test
    void aReaderOnAnotherLoopSeesEveryEntryOnce() throws Exception {
        try (ExecutorService writing = Executors.newSingleThreadExecutor();
                ExecutorService reading = Executors.newSingleThreadExecutor()) {
            StreamHead head = log(1 << 30).head();
            StreamLog shared = new StreamLog(head, writing, new MemoryBudget(Long.MAX_VALUE), new Writer());
            int entries = 200_000;
            LogCursor cursor = shared.fromStart();
            CountDownLatch all = new CountDownLatch(1);
            List<String> wrong = new ArrayList<>();
            reading.submit(() -> shared.join(reading, () -> {
                        while (cursor.next()) {
                            String text = new String(
                                    cursor.array(), cursor.offset(), cursor.length(), StandardCharsets.US_ASCII);
                            if (!text.equals("entry " + cursor.number())) wrong.add(cursor.number() + ": " + text);
                        }
                        if (cursor.number() == entries) all.countDown();
                    }))
                    .get();
            writing.submit(() -> {
                for (int i = 1; i <= entries; i++) {
                    byte[] bytes = ("entry " + i).getBytes(StandardCharsets.US_ASCII);
                    shared.append(EntryKind.EVENT, bytes, 0, bytes.length);
                    if (i % 7 == 0 || i == entries) shared.publish();
                }
            });
            assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(wrong).isEmpty();
        }
    }
}
