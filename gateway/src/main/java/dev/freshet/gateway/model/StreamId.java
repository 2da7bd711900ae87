package dev.freshet.gateway.model;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/// The name of a stream: 128 random bits, so that it can not be guessed.
///
/// @param value 22 characters of base64url
public record StreamId(String value) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{22}");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    /// A new one. Thread-safe.
    public static StreamId random() {
        byte[] bits = new byte[16];
        RANDOM.nextBytes(bits);
        return new StreamId(BASE64.encodeToString(bits));
    }

    /// Whether a text has the form of an id; what has not names no stream.
    public static boolean isOne(String text) {
        return FORM.matcher(text).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
