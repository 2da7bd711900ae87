package dev.freshet.bench.load;

import java.nio.charset.StandardCharsets;

/// Finds the marks in a stream's text, however it is split. Not thread-safe.
final class MarkScanner {
    private static final int MOST_AFTER_FINISH = 256;

    private final byte[] mark = new byte[Mark.LENGTH];
    private int have;
    private boolean finished;
    private final StringBuilder afterFinish = new StringBuilder();

    void restart() {
        have = 0;
        finished = false;
        afterFinish.setLength(0);
    }

    /// Whether the finish chunk came, and `[DONE]` after it.
    boolean done() {
        return afterFinish.indexOf("data: [DONE]\n\n") >= 0;
    }

    void scan(byte[] bytes, int from, int to, MarkListener listener) {
        int at = from;
        while (at < to && !finished) {
            if (have == 0) at = find(bytes, at, to);
            int take = Math.min(Mark.LENGTH - have, to - at);
            System.arraycopy(bytes, at, mark, have, take);
            have += take;
            at += take;
            if (have == Mark.LENGTH) report(listener);
        }
        if (finished && afterFinish.length() < MOST_AFTER_FINISH) {
            afterFinish.append(new String(bytes, at, to - at, StandardCharsets.US_ASCII));
        }
    }

    private static int find(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != Mark.START) at++;
        return at;
    }

    private void report(MarkListener listener) {
        have = 0;
        if (mark[1] == Mark.TOKEN) {
            listener.token(Mark.number(mark), Mark.stamp(mark));
        } else {
            finished = true;
            listener.finish(Mark.number(mark));
        }
    }
}
