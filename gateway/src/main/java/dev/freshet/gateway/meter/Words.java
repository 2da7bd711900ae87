package dev.freshet.gateway.meter;

import java.util.List;

/// Texts of an exchange that are to be counted. Immutable.
///
/// @param answers what the answer says, one text for each choice
/// @param thoughts the reasoning that was shown, one text for each choice
public record Words(List<String> answers, List<String> thoughts) {}
