package dev.freshet.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class SseDecoderMemoryTest {
    private static final int LIMIT = 1 << 20;
    private static final SseDecoder.Sink NOTHING = event -> {};

    private final SseDecoder decoder = new SseDecoder(LIMIT, LIMIT);

    @Test
    void anIdleDecoderHoldsNothing() {
        assertThat(decoder.heldBytes()).isZero();
        decoder.feed("data: a\n\ndata: b\n\n".getBytes(UTF_8));
        assertThat(decoder.heldBytes()).as("after events in one read").isZero();
    }

    @Test
    void aLineWithoutEndIsHeldUpToTheLimitAndThenLetGo() {
        byte[] piece = "x".repeat(1000).getBytes(UTF_8);
        for (int fed = 0; fed + piece.length <= LIMIT; fed += piece.length) {
            decoder.feed(piece, 0, piece.length, NOTHING);
            assertThat(decoder.heldBytes()).isLessThanOrEqualTo(2 * LIMIT);
        }
        assertThatThrownBy(() -> decoder.feed(piece)).isInstanceOf(SseLimitException.class);
        assertThat(decoder.heldBytes()).isZero();
    }

    @Test
    void anEventWithoutEndIsHeldUpToTheLimitAndThenLetGo() {
        String giant = "x".repeat(LIMIT - 10);
        decoder.feed("event: %s\nid: %s\n".formatted(giant, giant).getBytes(UTF_8));
        byte[] line = ("data: " + "x".repeat(993) + "\n").getBytes(UTF_8);
        assertThatThrownBy(() -> {
                    for (int fed = 0; fed <= 2 * LIMIT; fed += line.length) {
                        decoder.feed(line, 0, line.length, NOTHING);
                        assertThat(decoder.heldBytes()).isLessThanOrEqualTo(4 * LIMIT);
                    }
                })
                .isInstanceOf(SseLimitException.class);
        assertThat(decoder.heldBytes()).isZero();
    }

    @Test
    void endlessCommentsAndUnknownFieldsAreNotHeld() {
        byte[] lines = ": ping\nfoo: bar\n".repeat(100).getBytes(UTF_8);
        for (int i = 0; i < 1000; i++) {
            decoder.feed(lines, 0, lines.length, NOTHING);
        }
        assertThat(decoder.heldBytes()).isZero();
    }

    @Test
    void theBuffersAreSmallAgainAfterAGiant() {
        String giant = "x".repeat(LIMIT - 10);
        for (String part : new String[] {"data: ", giant, "\n", "\n", "event: ", giant, "\ndata: a\n\n"}) {
            byte[] bytes = part.getBytes(UTF_8);
            decoder.feed(bytes, 0, bytes.length, NOTHING);
        }
        decoder.feed("id: ".getBytes(UTF_8));
        decoder.feed(giant.getBytes(UTF_8));
        assertThat(decoder.heldBytes()).isGreaterThan(LIMIT / 2);
        decoder.feed("\n\nid: 1\n\n".getBytes(UTF_8));
        assertThat(decoder.heldBytes()).isLessThanOrEqualTo(5 * ByteStore.RETAINED_BYTES);
    }

    @Test
    void theReadArrayIsLetGoWithTheEvent() {
        byte[] read = new byte[LIMIT];
        byte[] event = "data: a\n\n".getBytes(UTF_8);
        System.arraycopy(event, 0, read, 0, event.length);
        EventView[] kept = new EventView[1];
        decoder.feed(read, 0, event.length, view -> kept[0] = view);
        assertThat(kept[0].array()).isEmpty();
        assertThat(decoder.heldBytes()).isZero();
    }

    @Test
    void eventsInOneReadAreShownWithoutAnAllocation() {
        byte[] read =
                "event: delta\ndata: {\"text\":\"some words\"}\n\n".repeat(50).getBytes(UTF_8);
        SseDecoder.Sink sink = event -> {
            if (!event.hasType("delta") || event.length() != 21) {
                throw new AssertionError("not what was fed");
            }
        };
        decoder.feed(read, 0, read.length, sink);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1000; i++) {
            decoder.feed(read, 0, read.length, sink);
        }
        long perEvent = (threads.getCurrentThreadAllocatedBytes() - before) / (50 * 1000);
        assertThat(perEvent).isZero();
    }
}
