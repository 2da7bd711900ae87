package dev.freshet.bench.load;

import java.util.Arrays;

/// Measured times in nanoseconds, every one kept. Not thread-safe.
public final class Samples {
    private long[] values = new long[1 << 16];
    private int size;

    /// Adds one.
    public void add(long nanos) {
        if (size == values.length) values = Arrays.copyOf(values, size * 2);
        values[size++] = nanos;
    }

    /// How many there are.
    public int size() {
        return size;
    }

    /// The value in nanoseconds that the given part (0 to 1) of them does not exceed, by nearest rank; NaN where there
    /// are none.
    public double quantile(double part) {
        if (size == 0) return Double.NaN;
        long[] sorted = Arrays.copyOf(values, size);
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(part * size);
        return sorted[Math.max(0, rank - 1)];
    }
}
