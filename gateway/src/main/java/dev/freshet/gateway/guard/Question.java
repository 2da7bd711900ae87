package dev.freshet.gateway.guard;

/// What a judge is asked. Compared by identity: each is asked once.
public final class Question {
    private final Guard guard;
    private final Judge judge;
    private final Text text;
    private final String beginning;

    Question(Guard guard, Judge judge, Text text, String beginning) {
        this.guard = guard;
        this.judge = judge;
        this.text = text;
        this.beginning = beginning;
    }

    public Guard guard() {
        return guard;
    }

    public Judge judge() {
        return judge;
    }

    /// The text's first tokens, as many as the rule says.
    public String beginning() {
        return beginning;
    }

    /// The judge has spoken against the answer.
    public Stop stop(String why) {
        String words = beginning.substring(0, Math.min(beginning.length(), Text.MOST_WORDS));
        Match match = new Match(0, beginning.length(), beginning.length(), why);
        return new Stop(guard, judge.id(), Stop.Kind.TEXT, text, match, Match.whole(words));
    }
}
