package dev.freshet.gateway.guard;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `language`: the text must be in one of these languages. By its script; where several languages share one,
/// by the small words that every text of a language has. Code, links and quotations do not count.
///
/// Looks after a number of characters, and again whenever they have doubled, until it is clear: what is not is
/// let pass.
public final class Language implements Check {
    public static final int USUAL_MIN_CHARS = 80;
    private static final int MOST_LOOKS = 8;

    /// How many more small words another language must have than any that is expected.
    private static final int CLEARLY = 3;

    private static final double MOST_LETTERS = 0.6;

    /// A word's worth of characters: an ideograph says as much as several letters.
    private static final int IDEOGRAPH = 3;

    private final Set<String> expected;
    private final Set<Script> scripts;
    private final int minChars;

    private enum Script {
        LATIN,
        HAN,
        KANA,
        HANGUL,
        ARABIC,
        CYRILLIC,
        GREEK,
        HEBREW,
        DEVANAGARI,
        THAI
    }

    private static final Map<String, Set<Script>> SCRIPTS = new TreeMap<>(Map.ofEntries(
            Map.entry("en", Set.of(Script.LATIN)),
            Map.entry("de", Set.of(Script.LATIN)),
            Map.entry("fr", Set.of(Script.LATIN)),
            Map.entry("es", Set.of(Script.LATIN)),
            Map.entry("it", Set.of(Script.LATIN)),
            Map.entry("pt", Set.of(Script.LATIN)),
            Map.entry("nl", Set.of(Script.LATIN)),
            Map.entry("zh", Set.of(Script.HAN)),
            Map.entry("ja", Set.of(Script.HAN, Script.KANA)),
            Map.entry("ko", Set.of(Script.HANGUL, Script.HAN)),
            Map.entry("ar", Set.of(Script.ARABIC)),
            Map.entry("ru", Set.of(Script.CYRILLIC)),
            Map.entry("uk", Set.of(Script.CYRILLIC)),
            Map.entry("el", Set.of(Script.GREEK)),
            Map.entry("he", Set.of(Script.HEBREW)),
            Map.entry("hi", Set.of(Script.DEVANAGARI)),
            Map.entry("th", Set.of(Script.THAI))));

    /// @param expected by ISO 639-1
    /// @param minChars how many characters there must be before anything is said
    /// @throws GuardException where a language is not known, or none is given
    public Language(List<String> expected, int minChars) {
        for (String one : expected) {
            if (!SCRIPTS.containsKey(one))
                throw new GuardException("`" + one + "` is none of the languages that are known: "
                        + String.join(", ", SCRIPTS.keySet()));
        }
        if (expected.isEmpty()) throw new GuardException("expected at least one language: [de]");
        if (minChars < 20 || minChars > 10_000) throw new GuardException("`min_chars` is 20 to 10000");
        this.expected = Set.copyOf(expected);
        this.minChars = minChars;
        scripts = EnumSet.noneOf(Script.class);
        for (String one : expected) scripts.addAll(SCRIPTS.getOrDefault(one, Set.of()));
    }

    @Override
    public Detector detector() {
        return new Prose();
    }

    private static @Nullable Script script(char c) {
        if (c < 0x250) return Script.LATIN;
        return switch (Character.UnicodeScript.of(c)) {
            case LATIN -> Script.LATIN;
            case HAN -> Script.HAN;
            case HIRAGANA, KATAKANA -> Script.KANA;
            case HANGUL -> Script.HANGUL;
            case ARABIC -> Script.ARABIC;
            case CYRILLIC -> Script.CYRILLIC;
            case GREEK -> Script.GREEK;
            case HEBREW -> Script.HEBREW;
            case DEVANAGARI -> Script.DEVANAGARI;
            case THAI -> Script.THAI;
            default -> null;
        };
    }

    private static boolean dense(Script script) {
        return script == Script.HAN || script == Script.KANA || script == Script.HANGUL;
    }

    /// What was counted of the prose of one text.
    private final class Prose implements Detector {
        private final ProseFilter filter = new ProseFilter();
        private final int[] letters = new int[Script.values().length];
        private final Map<String, Integer> words = new TreeMap<>();
        private final StringBuilder word = new StringBuilder();
        private boolean mixed; // there are digits in the word
        private int seen;
        private int prose;
        private int looks;
        private int nextLook = minChars;

        @Override
        public @Nullable Match add(CharSequence piece) {
            for (int i = 0; i < piece.length() && looks < MOST_LOOKS; i++) {
                char c = piece.charAt(i);
                seen++;
                if (filter.skips(c)) {
                    endWord();
                    continue;
                }
                take(c);
                if (++prose < nextLook) continue;
                looks = asExpected() ? MOST_LOOKS : looks + 1;
                nextLook *= 2;
                String found = otherLanguage();
                if (found != null) return match(found);
            }
            return null;
        }

        private void take(char c) {
            if (!Character.isLetterOrDigit(c)) {
                endWord();
                return;
            }
            if (Character.isDigit(c)) mixed = true; // a number or a name of something, but no word
            if (!Character.isLetter(c)) return;
            Script script = script(c);
            if (script == null) return;
            letters[script.ordinal()] += dense(script) ? IDEOGRAPH : 1;
            if (script == Script.LATIN && word.length() <= SmallWords.LONGEST) word.append(Character.toLowerCase(c));
        }

        private void endWord() {
            boolean counts = !word.isEmpty() && !mixed;
            mixed = false;
            if (!counts) {
                word.setLength(0);
                return;
            }
            for (String language : SmallWords.languages(word.toString())) words.merge(language, 1, Integer::sum);
            word.setLength(0);
        }

        /// @return the language that the text is clearly in, though it is not expected; null where it is not
        /// clear, or in order
        private @Nullable String otherLanguage() {
            int all = 0;
            for (int count : letters) all += count;
            for (Script script : Script.values()) {
                if (letters[script.ordinal()] < all * MOST_LETTERS || all == 0) continue;
                if (!scripts.contains(script)) return name(script);
            }
            int chinese = letters[Script.HAN.ordinal()];
            int japanese = letters[Script.KANA.ordinal()];
            boolean neither = !scripts.contains(Script.HAN) && !scripts.contains(Script.KANA);
            if (neither && all > 0 && chinese + japanese >= all * MOST_LETTERS) return name(Script.KANA);
            boolean chineseOnly = expected.contains("ja") && !expected.contains("zh") && !expected.contains("ko");
            if (chineseOnly && all > 0 && japanese == 0 && chinese >= all * MOST_LETTERS) return name(Script.HAN);
            boolean kana = letters[Script.KANA.ordinal()] * 10 > all;
            if (kana && !expected.contains("ja") && !scripts.contains(Script.LATIN)) return "ja";
            boolean latin = letters[Script.LATIN.ordinal()] >= all * MOST_LETTERS;
            return latin ? otherWords() : null;
        }

        /// Whether it is clear that all is in order.
        private boolean asExpected() {
            int expectedWords = most(expected);
            int others = 0;
            for (Map.Entry<String, Integer> entry : words.entrySet())
                if (!expected.contains(entry.getKey())) others = Math.max(others, entry.getValue());
            return expectedWords >= CLEARLY + others;
        }

        private @Nullable String otherWords() {
            int most = most(expected);
            String other = null;
            int others = 0;
            for (Map.Entry<String, Integer> entry : words.entrySet()) {
                if (entry.getValue() > others && !expected.contains(entry.getKey())) {
                    other = entry.getKey();
                    others = entry.getValue();
                }
            }
            return others >= CLEARLY + 2 * most ? other : null;
        }

        private int most(Collection<String> languages) {
            return languages.stream()
                    .mapToInt(one -> words.getOrDefault(one, 0))
                    .max()
                    .orElse(0);
        }

        private static String name(Script script) {
            return switch (script) {
                case HAN -> "zh";
                case KANA -> "ja";
                case HANGUL -> "ko";
                case ARABIC -> "ar";
                case LATIN, CYRILLIC, GREEK, HEBREW, DEVANAGARI, THAI ->
                    script.name().toLowerCase(Locale.ROOT) + " script";
            };
        }

        private Match match(String found) {
            return new Match(seen, seen, seen, "it is not in " + String.join(" or ", expected) + ", but in " + found);
        }

        @Override
        public @Nullable Match end() {
            endWord();
            String found = prose >= minChars && looks < MOST_LOOKS ? otherLanguage() : null;
            return found == null ? null : match(found);
        }
    }
}
