package dev.freshet.gateway.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `secrets` and `personal_data`: nothing that has the form of one of these kinds, and whose checksum is right
/// where it has one. What may still become one is held back, and reports do not show it.
public final class Patterns implements Check {
    private static final String ALL = "all";

    private final List<Kind> kinds;

    private Patterns(List<Kind> kinds) {
        this.kinds = kinds;
    }

    /// @param names of kinds, or `all`
    /// @throws GuardException where one is not known, or none is given
    public static Patterns secrets(List<String> names) {
        return of(names, SecretKinds.ALL);
    }

    /// @param names of kinds, or `all`
    /// @throws GuardException where one is not known, or none is given
    public static Patterns personalData(List<String> names) {
        return of(names, PersonalKinds.ALL);
    }

    private static Patterns of(List<String> names, List<Kind> known) {
        if (names.contains(ALL)) return new Patterns(known);
        Map<String, Kind> byName = new TreeMap<>();
        for (Kind kind : known) byName.put(kind.name(), kind);
        List<Kind> chosen = new ArrayList<>();
        for (String name : names) {
            Kind kind = byName.get(name);
            if (kind == null)
                throw new GuardException("`" + name + "` is none of the kinds that are known: " + ALL + ", "
                        + String.join(", ", byName.keySet()));
            chosen.add(kind);
        }
        if (chosen.isEmpty()) throw new GuardException("expected at least one kind: [" + ALL + "]");
        return new Patterns(List.copyOf(chosen));
    }

    /// Its words are what must not be told.
    @Override
    public boolean tellsWords() {
        return false;
    }

    @Override
    public Detector detector() {
        return new Runs();
    }

    /// Takes the text apart at spaces and at letters of other scripts. A run is a word that may be part of
    /// something, and those behind it that go on with its digits; it is looked at when it has ended.
    private final class Runs implements Detector {
        private static final int LONGEST = 1_024;
        private static final int CONTEXT = 48;
        private static final int LONG = 16; // no word of prose, mostly
        private static final int IBAN_GROUP = 5; // the first one, with its space

        private final StringBuilder window = new StringBuilder(); // the run, and some of what stands before it
        private int seen;
        private int begin = -1; // of the run, in the window; -1 outside of one
        private int wordEnd; // of the last word of the run that has ended, in the window
        private boolean marked; // something in the run makes it worth a look
        private boolean gap; // the last character ended a word, and the run may go on

        @Override
        public @Nullable Match add(CharSequence piece) {
            for (int i = 0; i < piece.length(); i++) {
                Match match = take(Digits.plain(piece.charAt(i)));
                if (match != null) return match;
            }
            return null;
        }

        private @Nullable Match take(char c) {
            boolean visible = c > ' ' && c < 0x7f;
            Match match = null;
            boolean ofAnAccount = c >= 'A' && c <= 'Z' && window.length() - begin == IBAN_GROUP;
            boolean goesOn = visible && (Digits.is(c) || c == '(' || ofAnAccount);
            if (gap && !goesOn) match = look();
            gap = false;
            seen++;
            window.append(c);
            int at = window.length() - 1;
            if (visible) {
                if (begin < 0) begin = at;
                marked |= Digits.is(c) || c == '@' || c == '-' || c == '_';
                if (at - begin >= LONGEST) match = match == null ? lookAt(at + 1) : match;
            } else if (begin >= 0) {
                wordEnd = at;
                gap = c == ' ' || c == '\u00a0' || c == '\u202f';
                if (!gap) match = match == null ? look() : match;
            }
            if (begin < 0) trim();
            return match;
        }

        private void trim() {
            if (window.length() > 4 * CONTEXT) window.delete(0, window.length() - CONTEXT);
        }

        private @Nullable Match look() {
            return lookAt(wordEnd);
        }

        /// The run has ended there.
        private @Nullable Match lookAt(int end) {
            int from = begin;
            begin = -1;
            boolean worth = marked || asks(from) || end - from >= LONG;
            marked = false;
            if (from < 0 || !worth) return null;
            String run = window.substring(from, end);
            String before = window.substring(Math.max(0, from - CONTEXT), from).toLowerCase(Locale.ROOT);
            int base = seen - window.length() + from;
            for (Kind kind : kinds) {
                Kind.Found found = kind.find(run, before);
                if (found != null)
                    return new Match(
                            base + found.from(), base + found.to(), seen, "it has what looks like " + kind.words());
            }
            return null;
        }

        /// Whether what stands before a run announces a secret, which need not have digits.
        private boolean asks(int from) {
            int at = from - 1;
            while (at >= 0 && window.charAt(at) == ' ') at--;
            return at >= 0 && (window.charAt(at) == ':' || window.charAt(at) == '\uff1a' || window.charAt(at) == '=');
        }

        @Override
        public @Nullable Match end() {
            return begin < 0 ? null : gap ? look() : lookAt(window.length());
        }

        @Override
        public int held() {
            return begin < 0 ? 0 : window.length() - begin;
        }
    }
}
