package dev.freshet.bench.load;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the requests of one connection: a head, and a body of a known length. Not thread-safe.
final class RequestReader {
    /// What a request asks for.
    sealed interface Asked {
        /// A stream of so many tokens, for the client's stream of that number.
        ///
        /// @param usage whether it wants to know what that takes
        record Stream(int client, int tokens, boolean usage) implements Asked {}

        /// Anything else, such as a list of models.
        record Other() implements Asked {}
    }

    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");
    private static final Pattern TOKENS = Pattern.compile("\"max_tokens\":(\\d+)");
    private static final Pattern CLIENT = Pattern.compile("\"user\":\"(\\d+)\"");

    private final StringBuilder text = new StringBuilder();

    /// Takes bytes; returns the request that they complete.
    @Nullable
    Asked read(byte[] bytes, int length) {
        text.append(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
        int head = text.indexOf("\r\n\r\n");
        if (head < 0) return null;
        int end = head + 4 + number(LENGTH, text.substring(0, head), 0);
        if (text.length() < end) return null;
        String body = text.substring(head + 4, end);
        text.delete(0, end);
        int tokens = number(TOKENS, body, -1);
        boolean usage = body.contains("\"include_usage\":true");
        return tokens < 0 ? new Asked.Other() : new Asked.Stream(number(CLIENT, body, 0), tokens, usage);
    }

    private static int number(Pattern pattern, String text, int absent) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : absent;
    }
}
