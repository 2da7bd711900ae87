package dev.freshet.sse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LineEndsTest {
    @Test
    void aLineEndIsFoundAtEveryPlaceInEveryStretch() {
        for (byte end : new byte[] {'\n', '\r'}) {
            for (int place = 0; place < 100; place++) {
                byte[] bytes = filled(100, (byte) 'x');
                bytes[place] = end;
                for (int from = 0; from <= 100; from++) {
                    int expected = from <= place ? place : -1;
                    assertThat(LineEnds.next(bytes, from, 100)).isEqualTo(expected);
                    assertThat(LineEnds.next(bytes, from, Math.max(from, place)))
                            .isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void noOtherByteIsALineEndNorHidesOne() {
        for (int other = 0; other < 256; other++) {
            byte[] bytes = filled(80, (byte) other);
            if (other == '\n' || other == '\r') {
                continue;
            }
            assertThat(LineEnds.next(bytes, 0, 80)).as("byte %d", other).isEqualTo(-1);
            for (int place = 0; place < 80; place++) {
                byte[] marked = bytes.clone();
                marked[place] = '\n';
                assertThat(LineEnds.next(marked, 0, 80)).as("byte %d", other).isEqualTo(place);
            }
        }
    }

    @Test
    void theFirstOfSeveralIsFound() {
        byte[] bytes = filled(64, (byte) 'x');
        bytes[40] = '\r';
        bytes[41] = '\n';
        bytes[5] = '\n';
        assertThat(LineEnds.next(bytes, 0, 64)).isEqualTo(5);
        assertThat(LineEnds.next(bytes, 6, 64)).isEqualTo(40);
    }

    private static byte[] filled(int length, byte with) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, with);
        return bytes;
    }
}
