package dev.freshet.cli.chat;

import dev.freshet.client.Answer;
import dev.freshet.client.Usage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// What answers took: one, and all of a session. Used by one thread.
final class Figures {
    private static final int NANO_DIGITS = 9;
    private static final long SHORTEST = 20_000_000; // of a time that a rate can be told from, in ns

    private int answers;
    private int unfinished;
    private int reconnects;
    private long prompt;
    private long completion;
    private boolean counted;
    private long nanoUsd;
    private boolean priced;

    void add(Answering.Outcome outcome) {
        Answer answer = outcome.answer();
        answers++;
        if (outcome.failure() != null || answer.ending() != Answer.Ending.COMPLETED) unfinished++;
        reconnects += outcome.reconnects();
        Usage usage = answer.usage();
        if (usage != null) prompt += usage.promptTokens();
        counted |= usage == null || usage.estimated();
        completion += answer.completionTokens();
        OptionalLong cost = answer.nanoUsd();
        priced |= cost.isPresent();
        nanoUsd += cost.orElse(0);
    }

    /// One answer's, in a line.
    static String of(Answering.Outcome outcome) {
        Answer answer = outcome.answer();
        List<String> figures = new ArrayList<>();
        Duration first = answer.firstToken();
        if (first != null) figures.add("first token " + seconds(first));
        long tokens = answer.completionTokens();
        if (tokens > 0) figures.add(tokens(answer, tokens, first));
        answer.nanoUsd().ifPresent(cost -> figures.add(usd(cost)));
        if (outcome.reconnects() > 0)
            figures.add(outcome.reconnects() == 1 ? "1 reconnect" : outcome.reconnects() + " reconnects");
        String end = end(outcome);
        if (!end.isEmpty()) figures.add(end);
        return String.join(" · ", figures);
    }

    private static String tokens(Answer answer, long tokens, @Nullable Duration first) {
        boolean known = answer.usage() != null && !answer.usage().estimated();
        String text = (known ? "" : "about ") + tokens + (tokens == 1 ? " token" : " tokens");
        long streaming =
                answer.duration().minus(first == null ? Duration.ZERO : first).toNanos();
        if (tokens < 2 || streaming < SHORTEST) return text;
        return text + ", " + number((tokens - 1) / (streaming / 1e9)) + " tokens/s";
    }

    private static String end(Answering.Outcome outcome) {
        if (outcome.failure() != null) return "cut";
        return switch (outcome.answer().ending()) {
            case STOPPED, CANCELLED -> "stopped";
            case COMPLETED, FAILED ->
                switch (outcome.answer().finishReason()) {
                    case "length" -> "ended at the limit of tokens";
                    case "content_filter" -> "ended by a filter";
                    default -> "";
                };
        };
    }

    /// The session's, in lines.
    List<String> session() {
        List<String> lines = new ArrayList<>();
        lines.add("answers      " + answers + (unfinished > 0 ? ", " + unfinished + " of them not whole" : ""));
        lines.add("prompts      " + prompt + " tokens");
        lines.add("completions  " + (counted ? "about " : "") + completion + " tokens");
        lines.add("cost         "
                + (priced ? usd(nanoUsd) : "not known; a Freshet gateway knows it where prices are set"));
        if (reconnects > 0) lines.add("reconnects   " + reconnects);
        return lines;
    }

    static String seconds(Duration time) {
        return number(time.toNanos() / 1e9) + " s";
    }

    private static String usd(long nano) {
        BigDecimal exact = BigDecimal.valueOf(nano, NANO_DIGITS);
        BigDecimal shown = exact.round(new MathContext(3)).stripTrailingZeros();
        return (shown.scale() < 2 ? shown.setScale(2) : shown).toPlainString() + " USD";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value);
    }
}
