package dev.freshet.simulator;

import java.net.URI;

/// An address of an API where connecting fails. Immutable.
///
/// @param row its number in the failure model (docs/failure-model.md)
/// @param name a readable name: `refused`
/// @param base the API's base
/// @param what what happens there, in a few words
public record FaultAddress(int row, String name, URI base, String what) {}
