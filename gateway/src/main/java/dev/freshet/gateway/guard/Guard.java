package dev.freshet.gateway.guard;

import dev.freshet.gateway.model.Channel;
import java.time.Duration;
import java.util.ArrayList;
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
/// @param confidences the same, of rules about how probable the answer is to its model
/// @param judges the same, of rules that other models decide
/// @param audit how its stops are checked; null for not at all
public record Guard(
        String name,
        boolean ours,
        Set<Channel> channels,
        @Nullable Hold hold,
        List<Rule> rules,
        List<Spend> spends,
        List<Confidence> confidences,
        List<Judge> judges,
        Then then,
        @Nullable Audit audit) {

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

    /// How it is found out what the stops of a guard avoid, and what follows from that.
    ///
    /// @param holdout the share of its stops that lets the answer run on, unseen, above 0 and at most 1
    /// @param refuses whether a rule is left out whose stops cost more than they save
    public record Audit(double holdout, boolean refuses) {}

    /// What becomes of an answer that is not asked for again.
    public enum Action {
        /// The client gets an error.
        FAIL,
        /// The answer ends before what is wrong with it.
        TRUNCATE,
        /// It goes on, and the report says so.
        PASS
    }

    /// The same without some of its rules, by their ids.
    ///
    /// @return null where none is left
    public @Nullable Guard without(Set<String> refused) {
        if (refused.isEmpty()) return this;
        Guard rest = new Guard(
                name,
                ours,
                channels,
                hold,
                rules.stream().filter(one -> !refused.contains(one.id())).toList(),
                spends.stream().filter(one -> !refused.contains(one.id())).toList(),
                confidences.stream().filter(one -> !refused.contains(one.id())).toList(),
                judges.stream().filter(one -> !refused.contains(one.id())).toList(),
                then,
                audit);
        return rest.ids().isEmpty() ? null : rest;
    }

    /// The ids of all its rules.
    public List<String> ids() {
        List<String> ids = new ArrayList<>();
        rules.forEach(one -> ids.add(one.id()));
        spends.forEach(one -> ids.add(one.id()));
        confidences.forEach(one -> ids.add(one.id()));
        judges.forEach(one -> ids.add(one.id()));
        return ids;
    }

    /// The models that it may have asked besides who answers: by its cure, and its judges.
    public List<String> asks() {
        List<String> models = new ArrayList<>();
        if (then.retry() != null && then.retry().model() != null)
            models.add(then.retry().model());
        judges.forEach(judge -> models.add(judge.model()));
        return models;
    }

    /// What reports and metrics call one of its rules: configured names only.
    public String label(String rule) {
        return ours ? name + "." + rule : name;
    }

    /// Whether it can only be followed with a tokenizer.
    boolean needsTokens() {
        return (hold != null && hold.tokens() != Integer.MAX_VALUE)
                || rules.stream().anyMatch(rule -> rule.bounds().tokens())
                || !judges.isEmpty()
                || spends.stream()
                        .anyMatch(
                                one -> one.tokens() != null || one.nanoUsd() != null || one.tokensPerSecondBelow() > 0);
    }
}
