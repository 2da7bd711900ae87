package dev.freshet.cli.chat;

import java.util.Locale;
import java.util.Set;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jspecify.annotations.Nullable;

/// Colours code by what almost all languages share: comments, strings, numbers, words of the language. One
/// pass, no grammar: an unknown language comes out readable, and unfinished code too.
final class CodeColours {
    static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
    private static final AttributedStyle COMMENT = PLAIN.faint();
    private static final AttributedStyle STRING = PLAIN.foreground(AttributedStyle.GREEN);
    private static final AttributedStyle NUMBER = PLAIN.foreground(AttributedStyle.CYAN);
    private static final AttributedStyle KEYWORD = PLAIN.foreground(AttributedStyle.MAGENTA);
    private static final AttributedStyle ADDED = PLAIN.foreground(AttributedStyle.GREEN);
    private static final AttributedStyle REMOVED = PLAIN.foreground(AttributedStyle.RED);

    private static final Set<String> HASH = Set.of(
            "python",
            "py",
            "ruby",
            "rb",
            "bash",
            "sh",
            "shell",
            "zsh",
            "yaml",
            "yml",
            "toml",
            "r",
            "perl",
            "dockerfile",
            "makefile",
            "nix",
            "elixir",
            "julia",
            "graphql",
            "conf",
            "ini",
            "console");
    private static final Set<String> DASHES = Set.of("sql", "lua", "haskell", "hs", "elm", "ada", "vhdl");
    private static final Set<String> PROSE = Set.of("", "text", "txt", "plain", "plaintext", "output", "log");
    private static final Set<String> MARKUP = Set.of("html", "xml", "svg", "vue", "markdown", "md");
    private static final Set<String> KEYWORDS = words("abstract as assert async await bool boolean break byte case"
            + " catch char class const continue def default defer delete do double else enum except export extends"
            + " extern false final finally float fn for foreach from func function global go goto if impl"
            + " implements import in include instanceof int interface internal is lambda let local long loop match"
            + " mod module move mut namespace new nil none None not null object of operator or override package"
            + " pass permits private protected pub public raise range record return sealed select self short"
            + " static string struct super switch synchronized template this throw throws trait true True False"
            + " try type typedef typeof undefined union unsafe unsigned use using val var virtual void volatile"
            + " when where while with yield");
    private static final Set<String> SCRIPT = words("and begin done elif end esac fi then unless until");
    private static final Set<String> SQL = words("add all alter and as asc begin between by case commit create cross"
            + " delete desc distinct drop else end exists false from full group having in index inner insert into"
            + " is join key left like limit not null offset on or order outer over partition primary references"
            + " returning right rollback select set table then true union unique update using values view when"
            + " where with");

    private static Set<String> words(String all) {
        return Set.of(all.split(" ", -1));
    }

    private final String code;
    private final String language;
    private final AttributedStringBuilder out;
    private int at;

    private CodeColours(String code, String language) {
        this.code = code;
        this.language = language;
        out = new AttributedStringBuilder(code.length());
    }

    /// Code in colours.
    ///
    /// @param info what stands behind the opening fence; its first word names the language
    static AttributedString of(String code, String info) {
        String language = info.strip().split("[\\s{:,]", 2)[0].toLowerCase(Locale.ROOT);
        if (PROSE.contains(language) || MARKUP.contains(language)) return new AttributedString(code);
        CodeColours colours = new CodeColours(code, language);
        return language.equals("diff") || language.equals("patch") ? colours.lines() : colours.tokens();
    }

    private AttributedString lines() {
        for (String line : code.split("(?<=\n)", -1)) {
            AttributedStyle style = line.startsWith("+") ? ADDED : line.startsWith("-") ? REMOVED : PLAIN;
            out.append(line, style);
        }
        return out.toAttributedString();
    }

    private AttributedString tokens() {
        while (at < code.length()) {
            char c = code.charAt(at);
            if (comment()) take(COMMENT, code.indexOf('\n', at));
            else if (code.startsWith("/*", at) && !HASH.contains(language)) block("/*", "*/", COMMENT);
            else if (code.startsWith("\"\"\"", at)) block("\"\"\"", "\"\"\"", STRING);
            else if (code.startsWith("'''", at)) block("'''", "'''", STRING);
            else if (c == '`') block("`", "`", STRING);
            else if (c == '"' || c == '\'') take(STRING, endOfString(c));
            else if (Character.isDigit(c)) word(NUMBER);
            else if (Character.isJavaIdentifierStart(c)) word(null);
            else take(PLAIN, at + 1);
        }
        return out.toAttributedString();
    }

    private boolean comment() {
        if (DASHES.contains(language)) return code.startsWith("--", at);
        if (!HASH.contains(language)) return code.startsWith("//", at);
        // `$#` and `${#x}` of a shell are none
        return code.charAt(at) == '#' && (at == 0 || Character.isWhitespace(code.charAt(at - 1)));
    }

    private void block(String open, String close, AttributedStyle style) {
        int end = code.indexOf(close, at + open.length());
        take(style, end < 0 ? -1 : end + close.length());
    }

    /// Behind the closing quote, or at the end of the line: a quote that does not close is an apostrophe or a
    /// lifetime, and must not colour the rest.
    private int endOfString(char quote) {
        for (int i = at + 1; i < code.length(); i++) {
            char c = code.charAt(i);
            if (c == '\\') i++;
            else if (c == quote) return i + 1;
            else if (c == '\n') return quote == '\'' ? at + 1 : i;
        }
        return quote == '\'' ? at + 1 : code.length();
    }

    private void word(@Nullable AttributedStyle fixed) {
        int end = at + 1;
        while (end < code.length() && (Character.isJavaIdentifierPart(code.charAt(end)) || dot(end, fixed))) end++;
        String word = code.substring(at, end);
        boolean keyword = language.equals("sql")
                ? SQL.contains(word.toLowerCase(Locale.ROOT))
                : KEYWORDS.contains(word) || (SCRIPT.contains(word) && HASH.contains(language));
        take(fixed != null ? fixed : keyword ? KEYWORD : PLAIN, end);
    }

    private boolean dot(int index, @Nullable AttributedStyle fixed) {
        return fixed != null
                && code.charAt(index) == '.'
                && index + 1 < code.length()
                && Character.isDigit(code.charAt(index + 1));
    }

    /// @param end -1 for the end of the code
    private void take(AttributedStyle style, int end) {
        int until = end < 0 ? code.length() : Math.min(end, code.length());
        out.append(code.substring(at, until), style);
        at = until;
    }
}
