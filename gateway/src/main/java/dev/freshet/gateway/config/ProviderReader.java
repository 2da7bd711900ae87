package dev.freshet.gateway.config;

import dev.freshet.gateway.model.Abort;
import dev.freshet.gateway.model.Prefill;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Provider.Auth;
import dev.freshet.gateway.model.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Reads `providers`.
final class ProviderReader {
    /// A provider of this dialect has no address: it is the simulated one inside the gateway.
    static final URI SIMULATED = URI.create("http://simulated.invalid/v1");

    private static final Prefill ITS_PREFILL = new Prefill("prefix", null);

    private final Section section;

    ProviderReader(Section section) {
        this.section = section;
    }

    Map<String, Provider> providers() {
        return ConfigReader.named(section, this::provider);
    }

    private Provider provider(String name, Section entry) {
        if (name.contains("/"))
            throw entry.error("a provider's name has no slash, because models are named provider/model");
        String dialect = entry.choice("dialect", "openai", "openai", "simulated", "anthropic", "responses", "gemini");
        boolean simulated = dialect.equals("simulated");
        if (!simulated && !dialect.equals("openai")) {
            throw entry.errorAt(
                    "dialect", "the dialect " + dialect + " is not in this version; use its OpenAI-compatible address");
        }
        URI base = simulated ? SIMULATED : baseUrl(entry);
        Auth auth = auth(entry);
        Section headers = entry.section("headers");
        Map<String, String> values = new LinkedHashMap<>();
        for (String header : headers.keys()) values.put(header, header(headers, header));
        boolean asksUsage = entry.choice("usage", "ask", "ask", "never").equals("ask");
        Abort abort = abort(entry, base, simulated);
        boolean readOn = readOn(entry, abort);
        Prefill prefill = entry.has("prefill") ? prefill(entry.section("prefill")) : simulated ? ITS_PREFILL : null;
        String authorities = entry.has("ca") ? authorities(entry) : null;
        entry.end();
        return new Provider(name, base, auth, values, prefill, authorities, asksUsage, abort, readOn);
    }

    private static String header(Section headers, String name) {
        String value = headers.required(name);
        if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+") || value.chars().anyMatch(c -> c < ' ' || c > '~')) {
            throw headers.errorAt(name, "not a header's name and value (visible ASCII, no line breaks)");
        }
        return value;
    }

    private static Prefill prefill(Section entry) {
        String field = entry.required("field");
        if (!field.matches("[A-Za-z_][A-Za-z0-9_]{0,63}")) {
            throw entry.errorAt("field", "expected a member's name: prefix, partial or continue_final_message");
        }
        Prefill prefill = new Prefill(field, entry.has("base_url") ? baseUrl(entry) : null);
        entry.end();
        return prefill;
    }

    private static URI baseUrl(Section entry) {
        String text = entry.required("base_url");
        try {
            URI uri = new URI(text.replaceFirst("/+$", ""));
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (http && uri.getHost() != null && uri.getRawQuery() == null && uri.getRawUserInfo() == null) return uri;
        } catch (URISyntaxException e) {
            // said below
        }
        throw entry.errorAt(
                "base_url", "`" + text + "` is not an API's base; expected something like https://api.example.com/v1");
    }

    private static String authorities(Section entry) {
        Path file = Path.of(entry.required("ca"));
        try {
            byte[] bytes = Files.readAllBytes(file);
            InputStream in = new ByteArrayInputStream(bytes);
            if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty())
                throw entry.errorAt("ca", file + " holds no certificate; expected a PEM file of authorities");
            return new String(bytes, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw entry.errorAt("ca", file + " cannot be read; expected a PEM file of authorities");
        } catch (CertificateException e) {
            throw entry.errorAt("ca", file + " is no PEM file of certificates");
        }
    }

    private static Auth auth(Section entry) {
        List<String> several = entry.strings("api_keys");
        Optional<String> one = entry.optional("api_key");
        if (!several.isEmpty() && one.isPresent())
            throw entry.errorAt("api_keys", "give `api_key` or `api_keys`, not both");
        List<String> keys = one.map(List::of).orElse(several);
        if (keys.isEmpty()) return new Auth.None();
        if (keys.equals(List.of("caller"))) return new Auth.Caller();
        String place = one.isPresent() ? "api_key" : "api_keys";
        for (String key : keys) {
            if (key.isBlank() || key.chars().anyMatch(c -> c <= ' ' || c > '~'))
                throw entry.errorAt(place, "a key is one word of visible ASCII");
        }
        return new Auth.Keys(keys.stream().distinct().map(Secret::new).toList());
    }

    /// The simulated provider stops: that is seen by the tests.
    private static Abort abort(Section entry, URI base, boolean simulated) {
        Abort usual = simulated ? Abort.VERIFIED : Abort.usual(base);
        return Abort.valueOf(entry.choice("abort", usual.word(), "verified", "claimed", "none")
                .toUpperCase(Locale.ROOT));
    }

    private static boolean readOn(Section entry, Abort abort) {
        boolean readOn = entry.flag("read_on", false);
        if (readOn && abort.credited())
            throw entry.errorAt(
                    "read_on",
                    "`read_on` is for providers that bill on when the connection is closed; leave it out, or say"
                            + " `abort: none`");
        return readOn;
    }
}
