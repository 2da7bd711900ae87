package dev.freshet.gateway.meter;

/// How a model's own counts compare with ours: reported over counted, over the streams that reported.
/// Immutable.
///
/// @param streams how many were compared
/// @param mean of the ratios
/// @param squares the sum of the squared differences from the mean (Welford's method)
/// @param hidden whether it was seen to think in tokens that nobody is shown
record Calibration(long streams, double mean, double squares, boolean hidden) {
    static final Calibration NONE = new Calibration(0, 1, 0, false);

    /// Older streams count less from here on.
    private static final long MEMORY = 1_000;
    /// Below this many streams their spread says little.
    private static final long FEW = 5;
    private static final double UNKNOWN_SPREAD = 0.2;
    private static final double KNOWN_SPREAD = 0.02;
    /// What is farther off is a mistake in somebody's count, not a tokenizer of another family.
    private static final double FARTHEST = 4;

    Calibration with(double ratio, boolean hiddenNow) {
        if (ratio > FARTHEST || ratio < 1 / FARTHEST) return this;
        long n = Math.min(streams + 1, MEMORY);
        double from = streams == 0 ? ratio : mean;
        double next = from + (ratio - from) / n;
        double kept = streams == MEMORY ? squares * (MEMORY - 1) / MEMORY : squares;
        return new Calibration(n, next, kept + (ratio - from) * (ratio - next), hidden || hiddenNow);
    }

    /// One standard deviation, as a share of the count, in thousandths.
    ///
    /// @param known whether the model's tokenizer is ours
    int spread(boolean known) {
        double prior = known ? KNOWN_SPREAD : UNKNOWN_SPREAD;
        if (streams < FEW) return (int) Math.round(prior * 1_000);
        return (int) Math.round(Math.sqrt(squares / (streams - 1)) / mean * 1_000);
    }
}
