package dev.freshet.gateway.guard;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What a detector found. Positions are in UTF-16 units from the text's beginning. Immutable.
///
/// @param from where it begins: what comes before is in order
/// @param to behind its last character
/// @param seen how much of the text there was when it was found
/// @param path where in a JSON text; null for other texts
/// @param why it is wrong, in a few words that go into prompts and reports
public record Match(int from, int to, int seen, @Nullable String path, String why) {
    public Match {
        path = path == null ? null : whole(path);
        why = whole(why);
    }

    public Match(int from, int to, int seen, String why) {
        this(from, to, seen, null, why);
    }

    /// A text without halves of characters, which models and cuts leave, and no JSON may have.
    static String whole(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!Character.isSurrogate(text.charAt(i))) continue;
            return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        }
        return text;
    }

    /// The same in a text that begins earlier.
    Match moved(int by) {
        return by == 0 ? this : new Match(from + by, to + by, seen + by, path, why);
    }
}
