package dev.freshet.gateway.meter;

/// A model as a provider serves it.
///
/// @param provider the configuration's name of it
/// @param model the provider's name of it
public record Served(String provider, String model) {}
