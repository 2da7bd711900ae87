package dev.freshet.bench.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The figures of all rounds. A figure is the median of its rounds. Not thread-safe.
public final class Results {
    /// Whose figure, under which load.
    public record Key(String contender, Load load, Metric metric) {}

    private final Comparison comparison;
    private final Map<Key, List<Double>> rounds = new LinkedHashMap<>();

    /// @param comparison whose figures they are
    public Results(Comparison comparison) {
        this.comparison = comparison;
    }

    /// What is compared.
    public Comparison comparison() {
        return comparison;
    }

    /// Adds one round's figure; one that is not a number is left out.
    public void add(String contender, Load load, Metric metric, double value) {
        if (Double.isNaN(value)) return;
        rounds.computeIfAbsent(new Key(contender, load, metric), _ -> new ArrayList<>())
                .add(value);
    }

    /// The median of the rounds; NaN where nothing was measured.
    public double median(String contender, Load load, Metric metric) {
        List<Double> sorted = new ArrayList<>(rounds.getOrDefault(new Key(contender, load, metric), List.of()));
        if (sorted.isEmpty()) return Double.NaN;
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        if (sorted.size() % 2 == 1) return sorted.get(middle);
        return (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /// What the contender adds to the way without a proxy.
    public double added(String contender, Load load, Metric metric) {
        return median(contender, load, metric) - median("direct", load, metric);
    }

    /// The subject's figure by the baseline's.
    public double ratio(Load load, Metric metric) {
        return median(comparison.subject(), load, metric) / median(comparison.baseline(), load, metric);
    }

    /// All figures of all rounds, in the order they were first measured.
    public Map<Key, List<Double>> rounds() {
        return Collections.unmodifiableMap(rounds);
    }
}
