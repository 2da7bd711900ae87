package dev.freshet.gateway.model;

/// What several exchanges took together.
///
/// @param requests how many there were
/// @param prompt tokens, the cached ones included
/// @param cached of the prompts' tokens, those that a cache had
/// @param completion tokens, the reasoning included
/// @param reasoning of the answers' tokens, those that a model thought with
/// @param estimated how many exchanges were counted by us, at least in part
/// @param unknown how many have a cost that is not known, and is not in the sum
/// @param atRisk how many attempts may have cost the operator something, and were charged to nobody
/// @param nanoUsd what is known of the cost, in nano-dollars
public record Spent(
        long requests,
        long prompt,
        long cached,
        long completion,
        long reasoning,
        long estimated,
        long unknown,
        long atRisk,
        long nanoUsd) {
    public static final Spent NOTHING = new Spent(0, 0, 0, 0, 0, 0, 0, 0, 0);

    public Spent plus(Spent other) {
        return new Spent(
                requests + other.requests,
                prompt + other.prompt,
                cached + other.cached,
                completion + other.completion,
                reasoning + other.reasoning,
                estimated + other.estimated,
                unknown + other.unknown,
                atRisk + other.atRisk,
                nanoUsd + other.nanoUsd);
    }
}
