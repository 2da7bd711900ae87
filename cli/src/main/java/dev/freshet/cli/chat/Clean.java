package dev.freshet.cli.chat;

/// Takes what could command a terminal out of a model's text: control characters, and marks that turn the
/// direction of writing (they make text look like another).
final class Clean {
    private Clean() {}

    static String text(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (commands(text.charAt(i))) return cleaned(text);
        }
        return text;
    }

    private static String cleaned(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!commands(c)) clean.append(c);
        }
        return clean.toString();
    }

    private static boolean commands(char c) {
        if (c == '\n' || c == '\t') return false;
        return Character.isISOControl(c) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    }
}
