package dev.freshet.gateway.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.StreamId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamLogTest {
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private final StreamLog log = new StreamLog(StreamId.random(), 1 << 20);

    private boolean append(String text) {
        byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);
        return log.append(EntryKind.EVENT, bytes, 1, bytes.length - 2);
    }

    private static List<String> rest(LogCursor cursor) {
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
        StreamLog small = new StreamLog(StreamId.random(), 10);
        byte[] six = new byte[6];
        assertThat(small.append(EntryKind.EVENT, six, 0, 6)).isTrue();
        assertThat(small.append(EntryKind.EVENT, six, 0, 6)).isFalse();
        assertThat(small.tail()).isEqualTo(1);
        assertThat(small.append(EntryKind.EVENT, six, 0, 4)).isTrue();
    }

    @Test
    void theEndIsTwoEntriesOnceAndNothingFollows() {
        append("a");
        log.end(new Outcome.Completed(), EntryKind.DONE, DONE);
        assertThat(rest(log.fromStart())).containsExactly("1:EVENT:a", "2:DONE:[DONE]", "3:END:");
        assertThat(log.outcome()).isEqualTo(new Outcome.Completed());
        assertThatThrownBy(() -> append("b")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> log.end(new Outcome.Cancelled(), EntryKind.ERROR, DONE))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void readersAreToldOncePerBatchAndMayLeaveMeanwhile() {
        List<String> told = new ArrayList<>();
        LogReader[] leaving = new LogReader[1];
        leaving[0] = () -> {
            told.add("leaving");
            log.leave(leaving[0]);
        };
        LogReader staying = () -> told.add("staying");
        log.join(staying);
        log.join(leaving[0]);
        append("a");
        append("b");
        assertThat(told).isEmpty();
        log.publish();
        log.publish();
        assertThat(told).containsExactlyInAnyOrder("leaving", "staying", "staying");
        assertThat(log.leave(staying)).isZero();
    }
}
