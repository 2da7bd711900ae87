package dev.freshet.gateway.model;

/// What an answer took, in tokens.
///
/// @param prompt of the request, those that a cache had included
/// @param cached of the prompt, those that the provider had in a cache
/// @param completion of the answer, reasoning included
/// @param reasoning of the completion, those that the model thought with
/// @param source who counted
/// @param spread of an estimate: how far it may be off, as one standard deviation, in thousandths
/// @param atLeast of an estimate: whether the model thinks in tokens that nobody is shown, so that there were
/// more
public record Usage(
        long prompt, long cached, long completion, long reasoning, Source source, int spread, boolean atLeast) {
    /// Who counted.
    public enum Source {
        REPORTED,
        ESTIMATED
    }

    public static Usage reported(long prompt, long completion) {
        return reported(prompt, 0, completion, 0);
    }

    public static Usage reported(long prompt, long cached, long completion, long reasoning) {
        return new Usage(prompt, cached, completion, reasoning, Source.REPORTED, 0, false);
    }

    public static Usage estimated(long prompt, long completion) {
        return new Usage(prompt, 0, completion, 0, Source.ESTIMATED, 0, false);
    }

    /// The same estimate, where it is known how far it may be off.
    public Usage withSpread(int thousandths) {
        return new Usage(prompt, cached, completion, reasoning, source, thousandths, atLeast);
    }

    /// The same, where there was more.
    public Usage asAtLeast() {
        return new Usage(prompt, cached, completion, reasoning, source, spread, true);
    }

    public boolean estimated() {
        return source == Source.ESTIMATED;
    }

    public long total() {
        return prompt + completion;
    }

    /// Both together; an estimate where one of them is.
    public Usage plus(Usage other) {
        return new Usage(
                prompt + other.prompt,
                cached + other.cached,
                completion + other.completion,
                reasoning + other.reasoning,
                estimated() ? source : other.source,
                Math.max(spread, other.spread),
                atLeast || other.atLeast);
    }
}
