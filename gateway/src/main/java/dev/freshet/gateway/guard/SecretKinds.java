package dev.freshet.gateway.guard;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/// The kinds of secrets that are known. Each has a prefix that its issuer documents. Stateless.
///
/// Sources: the issuers' pages on their tokens' formats; GitHub's on the checksum of its tokens.
final class SecretKinds {
    private static final String LEFT = "(?<![A-Za-z0-9])";
    private static final String RIGHT = "(?![A-Za-z0-9])";
    private static final int VARIED = 8;
    private static final Pattern PLACEHOLDER =
            Pattern.compile("(?i)example|your|xxxx|placeholder|dummy|redacted|\\.\\.\\.|<|\\*\\*");
    private static final String BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// What a password is called, in the languages that are known.
    private static final String PASSWORD = "password|passphrase|passwd|pwd|passwort|kennwort|mot de passe|contraseña"
            + "|clave de acceso|密码|口令|パスワード|暗証番号|كلمة المرور|كلمة السر";

    /// A mark, or the verb of its language, stands between that and the password.
    private static final String ANNOUNCED =
            "(?:" + PASSWORD + ")[\"'*` ]{0,3}" + "(?:[:=]|is|ist|lautet|est|es|是|为|は|هي)?[:= ]{0,2}[\"'*` ]{0,4}$";

    static final List<Kind> ALL = List.of(
            Kind.of("aws", "a key of Amazon's", LEFT + "(?:AKIA|ASIA)[A-Z2-7]{16}" + RIGHT, SecretKinds::real),
            Kind.of(
                    "github",
                    "a token of GitHub's",
                    LEFT + "gh[pousr]_([A-Za-z0-9]{30})([A-Za-z0-9]{6})" + RIGHT,
                    SecretKinds::crc),
            Kind.of(
                    "github_fine_grained",
                    "a token of GitHub's",
                    LEFT + "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}" + RIGHT,
                    SecretKinds::real),
            Kind.of("gitlab", "a token of GitLab's", LEFT + "gl(?:pat|rt|dt)-[A-Za-z0-9_-]{20,64}", SecretKinds::real),
            Kind.of(
                    "slack",
                    "a token of Slack's",
                    LEFT + "xox[abeprs]-(?:[0-9]{8,14}-){1,3}[A-Za-z0-9-]{16,80}",
                    SecretKinds::real),
            Kind.of("stripe", "a key of Stripe's", LEFT + "[sr]k_live_[A-Za-z0-9]{20,128}" + RIGHT, SecretKinds::real),
            Kind.of("google", "a key of Google's", LEFT + "AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])", SecretKinds::real),
            Kind.of(
                    "anthropic",
                    "a key of Anthropic's",
                    LEFT + "sk-ant-[a-z0-9]{3,10}-[A-Za-z0-9_-]{40,128}",
                    SecretKinds::real),
            Kind.of(
                    "openai",
                    "a key of OpenAI's",
                    LEFT + "sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{16,120}T3BlbkFJ[A-Za-z0-9_-]{16,120}",
                    SecretKinds::real),
            Kind.of("huggingface", "a token of Hugging Face's", LEFT + "hf_[A-Za-z]{34}" + RIGHT, SecretKinds::real),
            Kind.of(
                    "npm",
                    "a token of npm's",
                    LEFT + "npm_([A-Za-z0-9]{30})([A-Za-z0-9]{6})" + RIGHT,
                    SecretKinds::crc),
            Kind.of(
                    "sendgrid",
                    "a key of SendGrid's",
                    LEFT + "SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])",
                    SecretKinds::real),
            Kind.of(
                    "jwt",
                    "a JSON Web Token",
                    LEFT + "(eyJ[A-Za-z0-9_-]{10,400})\\.eyJ[A-Za-z0-9_-]{4,800}\\.[A-Za-z0-9_-]{20,800}",
                    SecretKinds::jwt),
            Kind.of("private_key", "a private key", "KEY-----", _ -> true).announcedBy("private $"),
            Kind.of(
                    "url",
                    "an address with a password",
                    "[a-z][a-z0-9+]{1,12}://[^\\s:/@]{1,64}:([^\\s:/@]{6,64})@[A-Za-z0-9.-]{3,100}",
                    SecretKinds::real),
            Kind.of(
                            "password",
                            "a password",
                            "(?:^|(?<=[:=]))[\"'`*]{0,3}([^\\s\"'`*,;:=][^\\s\"'`*,;]{7,63})(?<![.!?])",
                            SecretKinds::password)
                    .announcedBy(ANNOUNCED));

    private SecretKinds() {}

    private static boolean real(Matcher found) {
        return Digits.varied(found.group(), VARIED)
                && !PLACEHOLDER.matcher(found.group()).find();
    }

    /// The last six characters are the checksum of the others.
    private static boolean crc(Matcher found) {
        CRC32 crc = new CRC32();
        crc.update(found.group(1).getBytes(StandardCharsets.US_ASCII));
        StringBuilder text = new StringBuilder();
        for (long value = crc.getValue(); text.length() < 6; value /= BASE62.length())
            text.append(BASE62.charAt((int) (value % BASE62.length())));
        return text.reverse().toString().equals(found.group(2));
    }

    private static boolean jwt(Matcher found) {
        try {
            String head = new String(Base64.getUrlDecoder().decode(found.group(1)), StandardCharsets.UTF_8);
            return head.startsWith("{\"") && head.contains("\"alg\"");
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// Three kinds of characters, and no form that only looks like it.
    private static boolean password(Matcher found) {
        String word = found.group(1);
        int kinds = 0;
        if (word.chars().anyMatch(Character::isDigit)) kinds++;
        if (word.chars().anyMatch(c -> c >= 'a' && c <= 'z')) kinds++;
        if (word.chars().anyMatch(c -> c >= 'A' && c <= 'Z')) kinds++;
        if (word.chars().anyMatch(c -> "!#$%&*+-=?@^_~|".indexOf(c) >= 0)) kinds++;
        boolean name =
                word.toLowerCase(Locale.ROOT).matches("[a-z_.$\\[\\](){}]+|https?://.*|\\$\\{.*|process\\.env.*");
        return kinds >= 3
                && Digits.varied(word, 6)
                && !name
                && !PLACEHOLDER.matcher(word).find();
    }
}
