package dev.freshet.bench.sse;

import java.io.InputStream;
import okio.Buffer;
import okio.Source;
import okio.Timeout;

/// The same stream, in the same reads, for a reader that pulls: as Java's and as Okio's streams.
final class PiecewiseStream extends InputStream implements Source {
    private final byte[] stream;
    private final int[] ends;
    private int at;
    private int read;

    PiecewiseStream(byte[] stream, int[] ends) {
        this.stream = stream;
        this.ends = ends;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        int count = next(length);
        if (count > 0) {
            System.arraycopy(stream, at, target, offset, count);
            at += count;
        }
        return count;
    }

    @Override
    public long read(Buffer sink, long byteCount) {
        int count = next(byteCount);
        if (count > 0) {
            sink.write(stream, at, count);
            at += count;
        }
        return count;
    }

    @Override
    public int read() {
        return next(1) > 0 ? stream[at++] & 0xFF : -1;
    }

    @Override
    public Timeout timeout() {
        return Timeout.NONE;
    }

    @Override
    public void close() {}

    /// How many bytes the read may take, or -1 at the end.
    private int next(long most) {
        if (at == ends[read] && ++read == ends.length) {
            read--;
            return -1;
        }
        return (int) Math.min(most, ends[read] - at);
    }
}
