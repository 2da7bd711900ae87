package dev.freshet.gateway.model;

/// What an answer took, in tokens.
///
/// @param prompt of the request
/// @param completion of the answer, reasoning included
/// @param source who counted
public record Usage(long prompt, long completion, Source source) {
    /// Who counted.
    public enum Source {
        REPORTED,
        ESTIMATED
    }

    public static Usage reported(long prompt, long completion) {
        return new Usage(prompt, completion, Source.REPORTED);
    }

    public static Usage estimated(long prompt, long completion) {
        return new Usage(prompt, completion, Source.ESTIMATED);
    }

    public long total() {
        return prompt + completion;
    }

    /// Both together; an estimate where one of them is.
    public Usage plus(Usage other) {
        Source weaker = source == Source.REPORTED ? other.source : source;
        return new Usage(prompt + other.prompt, completion + other.completion, weaker);
    }
}
