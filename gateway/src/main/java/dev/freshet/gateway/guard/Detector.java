package dev.freshet.gateway.guard;

import org.jspecify.annotations.Nullable;

/// Looks for one thing in one text that comes in pieces. Not thread-safe.
///
/// What it finds, and at which character, does not depend on how the text was cut.
public interface Detector {
    /// Takes the next piece.
    ///
    /// @return what was found, after which there are no further calls; null for nothing
    @Nullable
    Match add(CharSequence piece);

    /// The text is over.
    @Nullable
    Match end();

    /// How many of the last characters may be the beginning of what is looked for: nobody should be shown
    /// them yet.
    default int held() {
        return 0;
    }
}
