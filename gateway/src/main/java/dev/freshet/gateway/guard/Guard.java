package dev.freshet.gateway.guard;

import dev.freshet.gateway.model.Channel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Rules for an answer, and what follows when one of them is broken. Immutable, and shared by all answers.
///
/// @param name as it was configured
/// @param ours whether the operator's, not a request's own
/// @param channels of the answer that its rules look at
/// @param hold what must come before anything is shown; null where all is shown at once
/// @param rules in their order: where two are broken at the same character, the first one counts
/// @param spends the same, of rules about what the answer takes
public record Guard(
        String name,
        boolean ours,
        Set<Channel> channels,
        @Nullable Hold hold,
        List<Rule> rules,
        List<Spend> spends,
        Then then) {

    /// Until when nothing is shown: so many tokens, or so long after the first one, whichever is first; the
    /// answer's end in any case.
    ///
    /// @param tokens [Integer#MAX_VALUE] for no such bound
    /// @param time null for no such bound
    public record Hold(int tokens, @Nullable Duration time) {}

    /// What follows a broken rule.
    ///
    /// @param retry how to ask again; null for not at all
    /// @param otherwise where nobody is asked again, and nothing was shown yet
    /// @param afterRelease where something was shown
    public record Then(@Nullable Cure retry, Action otherwise, Action afterRelease) {
        public static final Then USUAL = new Then(null, Action.FAIL, Action.TRUNCATE);
    }

    /// A better way to ask.
    ///
    /// @param append a message that is put behind the others, with `{path}`, `{why}`, `{match}` and `{rule}`;
    /// null for none
    /// @param set members of the request, as JSON
    /// @param model who is asked instead; null for the same
    public record Cure(
            @Nullable String append,
            Map<String, String> set,
            @Nullable String model) {}

    /// What becomes of an answer that is not asked for again.
    public enum Action {
        /// The client gets an error.
        FAIL,
        /// The answer ends before what is wrong with it.
        TRUNCATE,
        /// It goes on, and the report says so.
        PASS
    }

    /// Whether it can only be followed with a tokenizer.
    boolean needsTokens() {
        return (hold != null && hold.tokens() != Integer.MAX_VALUE)
                || rules.stream().anyMatch(rule -> rule.bounds().tokens())
                || spends.stream()
                        .anyMatch(
                                one -> one.tokens() != null || one.nanoUsd() != null || one.tokensPerSecondBelow() > 0);
    }
}
