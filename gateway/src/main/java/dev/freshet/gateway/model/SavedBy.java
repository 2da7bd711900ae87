package dev.freshet.gateway.model;

/// Whose stops saved something, or did not.
///
/// @param rule of a guard: its configured name, `guard.rule`; `request` for requests' own
/// @param model the configured name of who was asked
public record SavedBy(String rule, String model) {}
