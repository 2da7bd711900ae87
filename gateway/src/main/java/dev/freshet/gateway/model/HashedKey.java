package dev.freshet.gateway.model;

/// A key that the configuration names by its hash.
///
/// @param sha256 of its text, in small hex digits
public record HashedKey(String sha256, Key key) {}
