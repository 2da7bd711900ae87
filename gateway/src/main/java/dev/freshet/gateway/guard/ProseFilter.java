package dev.freshet.gateway.guard;

/// Tells prose from code, links and quotations in Markdown, character by character. Not thread-safe.
final class ProseFilter {
    private boolean lineBegins = true;
    private boolean quotedLine;
    private boolean fenced;
    private int backquotes; // in a row, up to now
    private int codeSpan; // how many backquotes began the code that is under way; 0 for none
    private char quotedUntil; // 0 for none
    private char before = ' ';
    private boolean link;

    /// Whether a character, which is the next one, is none of prose.
    boolean skips(char c) {
        boolean skipped = c == '`' ? backquote() : text(c);
        before = c;
        return skipped;
    }

    private boolean backquote() {
        backquotes++;
        return true;
    }

    private boolean text(char c) {
        endOfBackquotes();
        if (c == '\n') {
            lineBegins = true;
            quotedLine = false;
            quotedUntil = 0;
            link = false;
            if (codeSpan < 3) codeSpan = 0;
            return fenced || codeSpan > 0;
        }
        if (lineBegins && c == '>') quotedLine = true;
        if (c != ' ') lineBegins = false;
        return fenced || codeSpan > 0 || quotedLine || quotation(c) || link(c);
    }

    private void endOfBackquotes() {
        if (backquotes == 0) return;
        if (fenced) fenced = backquotes < 3;
        else if (codeSpan > 0) codeSpan = codeSpan == backquotes ? 0 : codeSpan;
        else if (backquotes >= 3) fenced = true;
        else if (backquotes == 1) codeSpan = 1;
        backquotes = 0;
    }

    private boolean quotation(char c) {
        if (quotedUntil != 0) {
            boolean over = c == quotedUntil || (quotedUntil == '\u201c' && c == '\u201d');
            if (over) quotedUntil = 0;
            return true;
        }
        if (Character.isLetterOrDigit(before)) return false;
        quotedUntil = switch (c) {
            case '"' -> '"';
            case '\u201e' -> '\u201c';
            case '\u201c' -> '\u201d';
            case '\u00ab' -> '\u00bb';
            case '\u00bb' -> '\u00ab';
            case '\u300c' -> '\u300d';
            default -> 0;
        };
        return quotedUntil != 0;
    }

    /// An address, from its `://` on.
    private boolean link(char c) {
        if (c == '/' && before == ':') link = true;
        if (link && (Character.isWhitespace(c) || c == ')' || c == '>')) link = false;
        return link;
    }
}
