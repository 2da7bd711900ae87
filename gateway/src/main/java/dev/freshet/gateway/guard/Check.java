package dev.freshet.gateway.guard;

/// What a rule looks for. Immutable and shared; what is known of one text is in its [Detector].
public interface Check {
    /// A detector for a text that begins.
    Detector detector();

    /// Whether reports may show what was found.
    default boolean tellsWords() {
        return true;
    }
}
