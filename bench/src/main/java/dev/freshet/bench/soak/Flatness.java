package dev.freshet.bench.soak;

import java.util.List;

/// How a figure goes over the second half of a run: the first has what is loaded and compiled once.
///
/// @param mean of the second half
/// @param growth over the second half, by its line of least squares
/// @param allowed the larger of the figure's allowance and a twentieth of the mean
record Flatness(Sample.Figure figure, double mean, double growth, double allowed) {
    private static final double PART = 0.05;

    /// @param samples at least four
    static Flatness of(Sample.Figure figure, List<Sample> samples) {
        List<Sample> half = samples.subList(samples.size() / 2, samples.size());
        double time = mean(half, Sample::seconds);
        double mean = mean(half, figure::of);
        double both = 0;
        double square = 0;
        for (Sample sample : half) {
            both += (sample.seconds() - time) * (figure.of(sample) - mean);
            square += (sample.seconds() - time) * (sample.seconds() - time);
        }
        double length = half.getLast().seconds() - half.getFirst().seconds();
        return new Flatness(figure, mean, both / square * length, Math.max(figure.allowance(), PART * mean));
    }

    private static double mean(List<Sample> samples, java.util.function.ToDoubleFunction<Sample> of) {
        return samples.stream().mapToDouble(of).average().orElseThrow();
    }

    /// What falls is flat too: a run that begins with a burst leaves less behind than it had.
    boolean flat() {
        return growth <= allowed;
    }
}
