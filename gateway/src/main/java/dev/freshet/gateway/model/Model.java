package dev.freshet.gateway.model;

import java.util.List;

/// A model that clients can ask for.
///
/// @param name what clients call it; `*` stands for every name that has no entry of its own
/// @param targets who serves it, in order
/// @param continues whether an answer that broke in the middle may be gone on with, by targets that can
public record Model(String name, List<Target> targets, Timeouts timeouts, boolean continues) {
    public static final String ANY = "*";

    /// A model whose answers are not gone on with.
    public Model(String name, List<Target> targets, Timeouts timeouts) {
        this(name, targets, timeouts, false);
    }
}
