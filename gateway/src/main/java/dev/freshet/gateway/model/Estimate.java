package dev.freshet.gateway.model;

/// What is not known for certain: the mean, and an interval that holds the truth 95 of 100 times.
public record Estimate(double mean, double low, double high) {
    /// The same, less by what is known for certain.
    public Estimate minus(double known) {
        return new Estimate(mean - known, low - known, high - known);
    }
}
