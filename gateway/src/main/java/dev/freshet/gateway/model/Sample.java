package dev.freshet.gateway.model;

/// Numbers of which only the sums are kept. Immutable.
///
/// @param n how many
/// @param sum of all
/// @param squares the sum of their squares
public record Sample(long n, double sum, double squares) {
    public static final Sample NONE = new Sample(0, 0, 0);

    /// The value that a standard normal variable is within, 95 of 100 times.
    private static final double Z = 1.959964;

    public static Sample of(double value) {
        return new Sample(1, value, value * value);
    }

    public Sample plus(Sample other) {
        return new Sample(n + other.n, sum + other.sum, squares + other.squares);
    }

    /// What so many others of the same kind sum up to, from which this sample was drawn at random.
    ///
    /// The variance is that of a prediction: of the sample's mean, and of the others themselves. The factor
    /// is Student's t, by the first term of its expansion. Source: W. G. Cochran, "Sampling Techniques",
    /// section 2.6; M. Abramowitz, I. Stegun, "Handbook of Mathematical Functions", 26.7.5.
    ///
    /// @param others how many
    /// @throws IllegalStateException where there are fewer than two in the sample
    public Estimate sumOf(long others) {
        if (n < 2) throw new IllegalStateException("a sample of " + n);
        if (others == 0) return new Estimate(0, 0, 0);
        double mean = sum / n;
        double variance = Math.max(0, (squares - sum * mean) / (n - 1));
        double t = Z + (Z * Z * Z + Z) / (4.0 * (n - 1));
        double half = t * others * Math.sqrt(variance * (1.0 / n + 1.0 / others));
        double most = others * mean;
        return new Estimate(most, Math.max(0, most - half), most + half);
    }
}
