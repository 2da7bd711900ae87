package dev.freshet.gateway.access;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// What a key allows a browser for some minutes: `fst.<what>.<base64url HMAC-SHA256 over it>`. Nothing of it is
/// stored; it ends with its time or its key. Immutable.
///
/// @param models the names that it may ask for; the key's where there are none
/// @param origin the only page that may use it; null for any
/// @param expires in seconds since 1970
/// @param budget what may be spent with it in all, in nano-dollars; null for no limit of its own
public record BrowserToken(
        List<String> models,
        @Nullable String origin,
        long expires,
        @Nullable Long budget) {
    private static final Pattern FORM = Pattern.compile("fst\\.([A-Za-z0-9_-]{1,4000})\\.([A-Za-z0-9_-]{43})");

    private static final int ID_BYTES = 12;
    private static final long UNLIMITED = -1;

    /// So that nothing else that the same secret signs is taken for a token.
    private static final String MADE_FOR = "token with budget:";

    /// A token whose signature is good.
    record Verified(
            String key, List<String> models, @Nullable String origin, long expires, Used used) {}

    /// A token in use.
    ///
    /// @param id random letters
    /// @param budget in nano-dollars; null for no limit of its own
    public record Used(String id, @Nullable Long budget) {}

    static boolean isOne(String bearer) {
        return bearer.startsWith("fst.");
    }

    String sign(SecretKeySpec secret, String key) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(key);
            out.writeUTF(text(Arrays.copyOf(Secrets.random(), ID_BYTES)));
            out.writeLong(budget == null ? UNLIMITED : budget);
            out.writeLong(expires);
            out.writeUTF(origin == null ? "" : origin);
            out.writeShort(models.size());
            for (String model : models) out.writeUTF(model);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String what = text(bytes.toByteArray());
        return "fst." + what + "." + text(Secrets.mac(secret, MADE_FOR + what));
    }

    static @Nullable Verified verify(String text, SecretKeySpec secret) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) return null;
        byte[] given = Base64.getUrlDecoder().decode(form.group(2));
        if (!MessageDigest.isEqual(Secrets.mac(secret, MADE_FOR + form.group(1)), given)) return null;
        byte[] what = Base64.getUrlDecoder().decode(form.group(1));
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(what))) {
            String key = in.readUTF();
            String id = in.readUTF();
            long budget = in.readLong();
            long expires = in.readLong();
            String origin = in.readUTF();
            List<String> models = new ArrayList<>();
            for (int left = in.readUnsignedShort(); left > 0; left--) models.add(in.readUTF());
            Used used = new Used(id, budget == UNLIMITED ? null : Long.valueOf(budget));
            return new Verified(key, models, origin.isEmpty() ? null : origin, expires, used);
        } catch (IOException e) {
            throw new UncheckedIOException("what we signed is ours", e);
        }
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
