package dev.freshet.simulator;

/// One way in which a provider misbehaves, as a model that can be asked for. Immutable.
///
/// @param row its number in the failure model (docs/failure-model.md)
/// @param name the model's name: `fault-6`, or, where a row has several, `fault-9-date`
/// @param alias the model's other, readable name: `stall-after-5`
/// @param what what it does, in a few words
/// @param script what it does, exactly
public record Fault(int row, String name, String alias, String what, Script script) {}
