package dev.freshet.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MarkScannerTest {
    private static final long STAMP = 0x0123_4567_89ab_cdefL;

    private final List<String> heard = new ArrayList<>();
    private final MarkListener listener = new MarkListener() {
        @Override
        public void token(int number, long stamp) {
            heard.add("token " + number + " at " + Long.toHexString(stamp));
        }

        @Override
        public void finish(int total) {
            heard.add("finish " + total);
        }
    };

    @Test
    void findsEveryMarkHoweverTheBytesAreSplit() {
        byte[] stream = stream();
        for (int split = 0; split <= stream.length; split++) {
            heard.clear();
            MarkScanner scanner = new MarkScanner();
            scanner.scan(stream, 0, split, listener);
            scanner.scan(stream, split, stream.length, listener);
            assertThat(heard)
                    .containsExactly("token 1 at 123456789abcdef", "token 65537 at 123456789abcdef", "finish 65537");
            assertThat(scanner.done()).isTrue();
        }
    }

    @Test
    void isNotDoneWithoutTheDoneEvent() {
        byte[] stream = stream();
        MarkScanner scanner = new MarkScanner();
        scanner.scan(stream, 0, stream.length - 20, listener);
        assertThat(heard).contains("finish 65537");
        assertThat(scanner.done()).isFalse();
    }

    private static byte[] stream() {
        ByteBuffer out = ByteBuffer.allocate(4 * Chunks.MOST);
        Chunks.head(out);
        Chunks.token(out, 1, STAMP);
        Chunks.token(out, 65_537, STAMP);
        Chunks.end(out, 65_537, false);
        return Arrays.copyOf(out.array(), out.position());
    }
}
