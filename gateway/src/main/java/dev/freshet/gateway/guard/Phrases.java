package dev.freshet.gateway.guard;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// Many phrases, looked for at once: one step for each character, however many there are. Upper and lower
/// case are alike, and so are the ways in which quotation marks, dashes and spaces are written. Immutable.
/// Source: A. Aho, M. Corasick, "Efficient string matching", CACM 18 (1975).
public final class Phrases {
    private static final int MOST = 20_000;
    private static final int MOST_CHARACTERS = 400_000;
    private static final int ROOT = 0;
    private static final int NONE = Trie.NONE;

    private final Trie trie;
    private final int[] fail; // where to go on when the next character does not fit
    private final int[] longest; // of the phrases that end in a state, in characters; 0 for none

    /// @throws GuardException where there are none, or too many
    Phrases(List<String> phrases) {
        long characters = phrases.stream().mapToLong(String::length).sum();
        if (phrases.isEmpty()) throw new GuardException("expected at least one phrase");
        if (phrases.size() > MOST || characters > MOST_CHARACTERS)
            throw new GuardException("at most " + MOST + " phrases of " + MOST_CHARACTERS
                    + " characters in all; these are " + phrases.size() + " of " + characters);
        trie = new Trie((int) characters + 1);
        int[] ends = new int[(int) characters + 1];
        for (String phrase : phrases) {
            if (phrase.isBlank()) throw new GuardException("a phrase is blank; it would be found everywhere");
            int state = ROOT;
            for (int i = 0; i < phrase.length(); i++) state = trie.child(state, fold(phrase.charAt(i)));
            ends[state] = phrase.length();
        }
        fail = new int[trie.size()];
        longest = Arrays.copyOf(ends, trie.size());
        link();
    }

    /// The phrases of a shipped list.
    ///
    /// @param name `refusals`
    /// @throws GuardException where there is no such list
    public static List<String> list(String name) {
        if (!name.equals("refusals")) throw new GuardException("there is no list `" + name + "`; there is: refusals");
        try (InputStream in = Objects.requireNonNull(Phrases.class.getResourceAsStream("refusals.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError("a resource of ours", e);
        }
    }

    /// Breadth first: the states that a state falls back to are known before it.
    private void link() {
        ArrayDeque<Integer> queue = new ArrayDeque<>();
        queue.add(ROOT);
        while (!queue.isEmpty()) {
            int state = queue.remove();
            for (int child = trie.firstChild(state); child != NONE; child = trie.sibling(child)) {
                fail[child] = state == ROOT ? ROOT : next(fail[state], trie.label(child));
                longest[child] = Math.max(longest[child], longest[fail[child]]);
                queue.add(child);
            }
        }
    }

    /// The state after one more character, which is folded.
    int next(int state, char c) {
        int at = state;
        while (true) {
            int child = trie.find(at, c);
            if (child != NONE) return child;
            if (at == ROOT) return ROOT;
            at = fail[at];
        }
    }

    /// How long the longest phrase is that ends in a state; 0 where none does.
    int found(int state) {
        return longest[state];
    }

    /// How many of the last characters are the beginning of a phrase.
    int depth(int state) {
        return trie.depth(state);
    }

    /// What characters are taken to be.
    static char fold(char c) {
        if ((c >= 'a' && c <= 'z') || c == ' ') return c;
        return switch (c) {
            case '\n', '\t', '\r', '\u00a0', '\u202f' -> ' ';
            case '\u2018', '\u2019', '\u02bc', '\u00b4', '`' -> '\'';
            case '\u201c', '\u201d', '\u201e', '\u00ab', '\u00bb' -> '"';
            case '\u2010', '\u2011', '\u2012', '\u2013', '\u2014' -> '-';
            default -> Character.toLowerCase(Character.toUpperCase(c));
        };
    }
}
