package dev.freshet.gateway.stream.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.model.StreamId;
import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.Interrupted;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.MemoryStore;
import dev.freshet.gateway.stream.StreamHead;
import dev.freshet.gateway.stream.StreamLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The disk store by itself, with real SQLite. A crash is a copy of the files as they are at a moment.
class DiskStoreTest {
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] STATE = "{}".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path folder;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    Path copy;

    private final ExecutorService loop = Executors.newSingleThreadExecutor();

    @AfterEach
    void stop() {
        loop.shutdown();
    }

    private static DiskStore open(Path folder) {
        MemoryStore memory = new MemoryStore(1L << 30, () -> Duration.ofMinutes(10), System::nanoTime);
        return DiskStore.open(folder, false, memory, () -> Duration.ofMinutes(10), System::currentTimeMillis);
    }

    private StreamLog begin(DiskStore store) throws Exception {
        StreamHead head = new StreamHead(
                StreamId.random(),
                StreamHead.newGen(),
                new Owner("o"),
                null,
                7,
                "m",
                Duration.ofSeconds(3),
                1L << 30,
                null);
        StreamLog log = new StreamLog(head, loop, store.budget(), null);
        CountDownLatch kept = new CountDownLatch(1);
        loop.execute(() -> store.keep(log, "request".getBytes(StandardCharsets.UTF_8), kept::countDown));
        assertThat(kept.await(10, TimeUnit.SECONDS)).isTrue();
        return log;
    }

    private void append(StreamLog log, String... texts) throws Exception {
        CountDownLatch safe = new CountDownLatch(1);
        loop.submit(() -> {
                    long last = log.tail() + texts.length;
                    log.join(loop, () -> {
                        if (log.readable() >= last) safe.countDown();
                    });
                    for (String text : texts) {
                        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                        assertThat(log.append(EntryKind.EVENT, bytes, 0, bytes.length))
                                .isTrue();
                    }
                    log.publish();
                })
                .get();
        assertThat(safe.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private void end(StreamLog log) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        loop.submit(() -> {
                    log.join(loop, () -> {
                        if (log.ended()) ended.countDown();
                    });
                    log.end(new Outcome.Completed(), EntryKind.DONE, DONE, STATE);
                })
                .get();
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    }

    private DiskStore crash() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) Files.copy(file, copy.resolve(file.getFileName()));
        }
        return open(copy);
    }

    private List<String> entries(DiskStore store, Interrupted stream) {
        StreamLog log = new StreamLog(stream.head(), loop, store.budget(), null);
        stream.fill(log);
        List<String> found = new ArrayList<>();
        LogCursor cursor = log.fromStart();
        while (cursor.next()) {
            found.add(new String(cursor.array(), cursor.offset(), cursor.length(), StandardCharsets.UTF_8));
        }
        return found;
    }

    @Test
    void whatReadersSawIsThereAfterACrashAndOnlyWhatHasNotEndedIsInterrupted() throws Exception {
        try (DiskStore store = open(folder)) {
            store.start();
            StreamLog running = begin(store);
            StreamLog finished = begin(store);
            running.note("note".getBytes(StandardCharsets.UTF_8));
            append(running, "a", "b");
            append(finished, "x");
            append(running, "c\nd");
            end(finished);
            try (DiskStore after = crash()) {
                assertThat(after.interrupted()).hasSize(1);
                Interrupted stream = after.interrupted().getFirst();
                assertThat(stream.head()).isEqualTo(running.head());
                assertThat(stream.request()).isEqualTo("request".getBytes(StandardCharsets.UTF_8));
                assertThat(stream.notes()).containsExactly("note".getBytes(StandardCharsets.UTF_8));
                assertThat(entries(after, stream)).containsExactly("a", "b", "c\nd");
            }
        }
    }

    /// A stream that waits for long is written into the journal anew, so that what lies behind it can be
    /// removed.
    @Test
    void aLongStreamDoesNotKeepTheJournalFromBeingTrimmedAndIsThereAfterACrash() throws Exception {
        try (DiskStore store = open(folder)) {
            store.start();
            StreamLog patient = begin(store);
            append(patient, "first", "second");
            patient.note("note".getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < 40; i++) {
                StreamLog busy = begin(store);
                append(busy, "x".repeat(4 << 20));
                end(busy);
            }
            append(patient, "third");
            try (DiskStore after = crash()) {
                assertThat(after.interrupted()).hasSize(1);
                Interrupted stream = after.interrupted().getFirst();
                assertThat(entries(after, stream)).containsExactly("first", "second", "third");
                assertThat(stream.notes()).hasSize(1);
            }
        }
        // 160 MB of finished logs, and not as much of the journal again.
        assertThat(Files.size(folder.resolve("streams.db"))).isBetween(160L << 20, 260L << 20);
    }
}
