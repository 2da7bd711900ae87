package dev.freshet.gateway.access;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The form of a key's text: `fsh_<id>_<secret>`. The id is shown in lists and logs, the secret nowhere.
final class KeyText {
    private static final Pattern FORM = Pattern.compile("fsh_([a-z2-9]{10})_[A-Za-z0-9_-]{43}");

    private KeyText() {}

    static String of(String id, String secret) {
        return "fsh_" + id + "_" + secret;
    }

    /// The id in a text; null where the text has not the form of a key.
    static @Nullable String id(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches() ? form.group(1) : null;
    }
}
