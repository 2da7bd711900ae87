package dev.freshet.gateway.access;

import dev.freshet.gateway.model.StreamId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tokens that let their bearer read one stream and nothing else, for a browser's EventSource, which cannot
/// send a key: `v1.<expiry>.<base64url HMAC-SHA256 over stream and expiry>`. Thread-safe.
public final class ReadTokens {
    private static final Logger LOG = LoggerFactory.getLogger(ReadTokens.class);
    private static final Pattern FORM = Pattern.compile("v1\\.(\\d{1,12})\\.([A-Za-z0-9_-]{43})");
    private static final String FILE = "read-tokens.secret";

    private final SecretKeySpec secret;

    private ReadTokens(byte[] secret) {
        this.secret = Secrets.key(secret);
    }

    /// Tokens whose secret lies in a folder, so that they outlive the process; it is made where there is
    /// none. Where there is no such folder, the tokens die with the process.
    public static ReadTokens of(Path folder) {
        if (!Files.isDirectory(folder)) return new ReadTokens(Secrets.random());
        try {
            return new ReadTokens(Secrets.of(folder.resolve(FILE)));
        } catch (IOException e) {
            LOG.warn("read tokens die with this process, because of their secret: {}", e.toString());
            return new ReadTokens(Secrets.random());
        }
    }

    /// A token for a stream.
    ///
    /// @param expires in seconds since 1970
    public String issue(StreamId stream, long expires) {
        return "v1." + expires + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(mac(stream, expires));
    }

    /// Whether a text is a token for a stream that has not expired. Takes as long whatever it is compared with.
    ///
    /// @param now in seconds since 1970
    public boolean valid(String token, StreamId stream, long now) {
        Matcher form = FORM.matcher(token);
        if (!form.matches()) return false;
        long expires = Long.parseLong(form.group(1));
        byte[] given = Base64.getUrlDecoder().decode(form.group(2));
        return MessageDigest.isEqual(mac(stream, expires), given) && now < expires;
    }

    private byte[] mac(StreamId stream, long expires) {
        return Secrets.mac(secret, stream.value() + "." + expires);
    }
}
