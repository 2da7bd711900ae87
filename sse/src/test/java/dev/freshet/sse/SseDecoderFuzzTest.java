package dev.freshet.sse;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

class SseDecoderFuzzTest {
    private static final int ENOUGH = 1 << 20;
    private static final int ROUNDS = 100_000;

    @Test
    void randomStreamsMeanWhatTheReferenceSaysHoweverTheyAreSplit() {
        Random random = Seed.random("randomStreamsMeanWhatTheReferenceSays");
        for (int round = 0; round < ROUNDS; round++) {
            byte[] stream = StreamSoup.stream(random);
            agree(stream, Recording.randomCuts(random, stream.length));
        }
    }

    @Test
    void limitsStrikeAtTheSamePlaceHoweverTheStreamIsSplit() {
        Random random = Seed.random("limitsStrikeAtTheSamePlace");
        for (int round = 0; round < ROUNDS; round++) {
            byte[] stream = StreamSoup.stream(random);
            int line = 1 + random.nextInt(30);
            int event = 1 + random.nextInt(30);
            Recording whole = Recording.of(stream, line, event);
            int[] cuts = Recording.randomCuts(random, stream.length);
            Recording split = Recording.of(stream, line, event, cuts);
            if (!split.equals(whole)) {
                assertThat(split)
                        .as("%s cut at %s", Arrays.toString(stream), cuts)
                        .isEqualTo(whole);
            }
        }
    }

    /// The first byte chooses the length of the pieces. Runs over its seeds; guided by coverage with `JAZZER_FUZZ=1
    /// mvn -pl sse test -Djazzer.hooks=true -Dtest='SseDecoderFuzzTest#guided*'`.
    @MethodSource("seeds")
    @FuzzTest(maxDuration = "60s")
    void guidedStreamsMeanWhatTheReferenceSays(byte[] input) {
        int piece = input.length == 0 ? 1 : 1 + (input[0] & 0x1F);
        byte[] stream = input.length == 0 ? input : Arrays.copyOfRange(input, 1, input.length);
        int[] cuts = new int[stream.length / piece];
        Arrays.setAll(cuts, i -> i * piece);
        agree(stream, cuts);
    }

    static Stream<byte[]> seeds() throws IOException {
        return ConformanceCase.all()
                .filter(aCase -> aCase.bytes().length < 1000)
                .map(aCase -> {
                    byte[] seed = new byte[aCase.bytes().length + 1];
                    seed[0] = (byte) aCase.name().hashCode();
                    System.arraycopy(aCase.bytes(), 0, seed, 1, aCase.bytes().length);
                    return seed;
                });
    }

    private static void agree(byte[] stream, int[] cuts) {
        Recording expected = ReferenceDecoder.decode(stream);
        Recording decoded = Recording.of(stream, ENOUGH, ENOUGH, cuts);
        if (!decoded.equals(expected)) {
            assertThat(decoded)
                    .as("%s cut at %s", Arrays.toString(stream), cuts)
                    .isEqualTo(expected);
        }
    }
}
