package dev.freshet.gateway.model;

import java.util.List;

/// A model that clients can ask for.
///
/// @param name what clients call it; `*` stands for every name that has no entry of its own
/// @param targets who serves it, in order
public record Model(String name, List<Target> targets, Timeouts timeouts) {
    public static final String ANY = "*";
}
