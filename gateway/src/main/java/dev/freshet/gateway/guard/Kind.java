package dev.freshet.gateway.guard;

import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One kind of secret, or of what tells who somebody is. Immutable.
///
/// @param name in the configuration
/// @param words for people
/// @param pattern its form; of bounded length, and without nested repetitions, because every text is searched
/// with it
/// @param holds whether a match is one: checksums, and what is none of it
/// @param announced what must stand before it; null for what is known without
record Kind(
        String name,
        String words,
        Pattern pattern,
        Predicate<Matcher> holds,
        @Nullable Pattern announced) {
    static Kind of(String name, String words, String pattern, Predicate<Matcher> holds) {
        return new Kind(name, words, Pattern.compile(pattern), holds, null);
    }

    /// The same, only where this stands not far before it, in small letters.
    Kind announcedBy(String expression) {
        return new Kind(name, words, pattern, holds, Pattern.compile(expression));
    }

    /// Where it is in a run.
    record Found(int from, int to) {}

    /// @param before what stands before the run, in small letters
    @Nullable
    Found find(String run, String before) {
        Matcher matcher = pattern.matcher(run);
        while (matcher.find()) {
            if (!holds.test(matcher)) continue;
            String all = before + run.substring(0, matcher.start()).toLowerCase(Locale.ROOT);
            if (announced == null || announced.matcher(all).find()) return new Found(matcher.start(), matcher.end());
        }
        return null;
    }
}
