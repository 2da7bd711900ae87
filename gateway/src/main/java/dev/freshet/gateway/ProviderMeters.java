package dev.freshet.gateway;

import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Proxies;
import dev.freshet.gateway.upstream.ProviderGet;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a provider shows of its own counters. Stateless.
///
/// Sources: vLLM's and llama.cpp's production metrics; DeepSeek's "Get User Balance"; OpenRouter's "Get remaining
/// credits".
final class ProviderMeters {
    private static final Pattern GENERATED = Pattern.compile(
            "^(?:vllm:generation_tokens_total|llamacpp:tokens_predicted_total)(?:\\{[^}]*})?\\s+([0-9.eE+]+)\\s*$",
            Pattern.MULTILINE);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int OK = 200;

    private final Provider provider;
    private final Proxies proxies;

    ProviderMeters(Provider provider, Proxies proxies) {
        this.provider = provider;
        this.proxies = proxies;
    }

    /// What they say at one time.
    ///
    /// @param tokens that were generated ever; null where that is not shown
    /// @param spent money ever, in the provider's currency, up to a constant; null where that is not shown
    record Reading(@Nullable Double tokens, @Nullable Double spent) {
        boolean isEmpty() {
            return tokens == null && spent == null;
        }

        @Nullable
        Double generated(Reading since) {
            return tokens == null || since.tokens == null ? null : Double.valueOf(tokens - since.tokens);
        }

        @Nullable
        Double billed(Reading since) {
            return spent == null || since.spent == null ? null : Double.valueOf(spent - since.spent);
        }
    }

    Reading read() throws InterruptedException {
        String metrics = get(metrics());
        Double spent = null;
        for (URI address : balances()) {
            String balance = get(address);
            if (spent == null && balance != null) spent = spent(balance);
        }
        return new Reading(metrics == null ? null : generated(metrics), spent);
    }

    URI metrics() {
        return URI.create(root() + "/metrics");
    }

    List<URI> balances() {
        return List.of(URI.create(root() + "/user/balance"), URI.create(provider.baseUrl() + "/credits"));
    }

    private String root() {
        return provider.baseUrl().toString().replaceFirst("/v1(beta)?$", "");
    }

    private @Nullable String get(URI address) throws InterruptedException {
        try {
            HttpResponse<byte[]> response = ProviderGet.send(provider, proxies, address);
            return response.statusCode() == OK ? new String(response.body(), StandardCharsets.UTF_8) : null;
        } catch (IOException e) {
            return null; // it shows none
        }
    }

    private static @Nullable Double generated(String metrics) {
        Matcher matcher = GENERATED.matcher(metrics);
        Double sum = null;
        while (matcher.find()) sum = (sum == null ? 0 : sum) + Double.parseDouble(matcher.group(1));
        return sum;
    }

    private static @Nullable Double spent(String balance) {
        try {
            JsonNode json = JSON.readTree(balance);
            JsonNode left = json.at("/balance_infos/0/total_balance");
            if (!left.isMissingNode()) return -Double.parseDouble(left.asString());
            JsonNode used = json.at("/data/total_usage");
            return used.isNumber() ? Double.valueOf(used.asDouble()) : null;
        } catch (JacksonException | NumberFormatException e) {
            return null;
        }
    }
}
