package dev.freshet.gateway.config;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where a configuration comes from: the file's name for messages, and the environment for `${NAME}` and
/// `${NAME:-default}`.
///
/// @param environment null where references stay as they are: what clients send must not read ours
record Source(String name, @Nullable Environment environment) {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?}");

    static Source literal(String name) {
        return new Source(name, null);
    }

    /// The text with its references replaced.
    ///
    /// @param error makes the exception for a variable that is not set
    String interpolated(String text, Function<String, ConfigException> error) {
        if (environment == null || !text.contains("${")) return text;
        Matcher matcher = REFERENCE.matcher(text);
        StringBuilder result = new StringBuilder();
        while (matcher.find()) {
            String value = environment.get(matcher.group(1)).orElse(matcher.group(2));
            if (value == null) {
                throw error.apply("the environment variable " + matcher.group(1) + " is not set; set it, or write ${"
                        + matcher.group(1) + ":-default}");
            }
            matcher.appendReplacement(result, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(result).toString();
    }
}
