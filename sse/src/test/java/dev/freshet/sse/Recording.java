package dev.freshet.sse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Everything that a stream gave, however its bytes were split.
record Recording(
        List<SseEvent> events,
        int comments,
        List<Long> retries,
        String lastEventId,
        boolean unfinished,
        SseLimitException.@Nullable Limit error) {

    /// What a decoder gives for the bytes, fed in pieces that end at each of the cuts and at the end.
    static Recording of(byte[] bytes, int maxLineBytes, int maxEventBytes, int... cuts) {
        Taker taker = new Taker();
        SseDecoder decoder = new SseDecoder(maxLineBytes, maxEventBytes);
        SseLimitException.Limit error = null;
        try {
            int from = 0;
            for (int cut : cuts) {
                feed(decoder, bytes, from, cut, taker);
                from = cut;
            }
            feed(decoder, bytes, from, bytes.length, taker);
        } catch (SseLimitException e) {
            error = e.limit();
        }
        boolean unfinished = error == null && decoder.midEvent();
        return new Recording(taker.events, taker.comments, taker.retries, decoder.lastEventId(), unfinished, error);
    }

    /// Each piece lies in an array that is overwritten afterwards, as a read buffer would be.
    private static void feed(SseDecoder decoder, byte[] bytes, int from, int to, Taker taker) {
        byte[] piece = new byte[to - from + 2];
        System.arraycopy(bytes, from, piece, 1, to - from);
        decoder.feed(piece, 1, to - from, taker);
        Arrays.fill(piece, (byte) '#');
    }

    static int[] randomCuts(RandomGenerator random, int length) {
        int most = random.nextBoolean() ? 4 : length;
        return random.ints(random.nextInt(most + 1), 0, length + 1).sorted().toArray();
    }

    private static final class Taker implements SseDecoder.Sink {
        private final List<SseEvent> events = new ArrayList<>();
        private final List<Long> retries = new ArrayList<>();
        private int comments;

        @Override
        public void event(EventView event) {
            SseEvent whole = event.toEvent();
            if (event.multiline() != whole.data().contains("\n")
                    || !event.type().equals(whole.type())
                    || (whole.type().chars().allMatch(c -> c < 0x80) && !event.hasType(whole.type()))
                    || event.hasType(whole.type() + "x")) {
                throw new AssertionError("the view contradicts its event " + whole);
            }
            events.add(whole);
        }

        @Override
        public void comment() {
            comments++;
        }

        @Override
        public void retry(long millis) {
            retries.add(millis);
        }
    }
}
