package dev.freshet.bench.soak;

import java.util.function.ToLongFunction;

/// What the process used at one moment.
///
/// @param seconds since the load began
/// @param heap bytes of live objects, after a full collection
/// @param direct bytes that are allocated outside of the heap, buffers above all
/// @param resident bytes
record Sample(long seconds, long heap, long direct, long descriptors, long threads, long resident) {
    /// What is sampled, and how much it may grow over the second half and still be called flat: what comes and goes
    /// with the streams of the moment.
    enum Figure {
        HEAP("live heap", "MiB", Sample::heap, 6 << 20),
        DIRECT("direct memory", "MiB", Sample::direct, 6 << 20),
        DESCRIPTORS("file descriptors", "", Sample::descriptors, 30),
        THREADS("threads", "", Sample::threads, 4),
        RESIDENT("resident memory", "MiB", Sample::resident, 16 << 20);

        private final String text;
        private final String unit;
        private final ToLongFunction<Sample> value;
        private final long allowance;

        Figure(String text, String unit, ToLongFunction<Sample> value, long allowance) {
            this.text = text;
            this.unit = unit;
            this.value = value;
            this.allowance = allowance;
        }

        String text() {
            return unit.isEmpty() ? text : text + " (" + unit + ")";
        }

        /// In its unit.
        double of(Sample sample) {
            return inUnit(value.applyAsLong(sample));
        }

        double allowance() {
            return inUnit(allowance);
        }

        private double inUnit(long number) {
            return unit.isEmpty() ? number : number / (double) (1 << 20);
        }
    }
}
