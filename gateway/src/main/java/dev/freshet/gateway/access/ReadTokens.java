package dev.freshet.gateway.access;

import dev.freshet.gateway.model.StreamId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tokens that let their bearer read one stream and nothing else, for a browser's EventSource, which cannot
/// send a key: `v1.<expiry>.<base64url HMAC-SHA256 over stream and expiry>`. Thread-safe.
public final class ReadTokens {
    private static final Logger LOG = LoggerFactory.getLogger(ReadTokens.class);
    private static final Pattern FORM = Pattern.compile("v1\\.(\\d{1,12})\\.([A-Za-z0-9_-]{43})");
    private static final String ALGORITHM = "HmacSHA256";
    private static final String FILE = "read-tokens.secret";
    private static final int SECRET_BYTES = 32;

    private final SecretKeySpec secret;

    private ReadTokens(byte[] secret) {
        this.secret = new SecretKeySpec(secret, ALGORITHM);
    }

    /// Tokens whose secret lies in a folder, so that they outlive the process; it is made where there is
    /// none. Where there is no such folder, the tokens die with the process.
    public static ReadTokens of(Path folder) {
        byte[] fresh = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(fresh);
        if (!Files.isDirectory(folder)) return new ReadTokens(fresh);
        Path file = folder.resolve(FILE);
        try {
            byte[] kept = Files.exists(file) ? Files.readAllBytes(file) : write(file, fresh);
            if (kept.length == SECRET_BYTES) return new ReadTokens(kept);
            LOG.warn("{} is damaged; read tokens die with this process until it is removed", file);
        } catch (IOException e) {
            LOG.warn(
                    "read tokens die with this process, because {} cannot be written or read ({})", file, e.toString());
        }
        return new ReadTokens(fresh);
    }

    private static byte[] write(Path file, byte[] secret) throws IOException {
        Files.createFile(file, ownersOnly());
        Files.write(file, secret);
        return secret;
    }

    private static FileAttribute<?>[] ownersOnly() {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        if (!posix) return new FileAttribute<?>[0];
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        };
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
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            return mac.doFinal((stream.value() + "." + expires).getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has " + ALGORITHM, e);
        }
    }
}
