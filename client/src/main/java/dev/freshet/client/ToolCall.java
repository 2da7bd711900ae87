package dev.freshet.client;

/// A function that the model wants called. Immutable.
///
/// @param id names the call; the message with its result repeats it ([Message#tool])
/// @param name the function's
/// @param arguments JSON, as the model wrote it: nothing has checked it against the function's schema
public record ToolCall(String id, String name, String arguments) {}
