package dev.freshet.gateway.model;

import java.net.URI;
import java.util.List;
import java.util.Locale;

/// Whether closing the connection to a provider ends what it bills.
public enum Abort {
    /// It was measured (`freshet probe-abort`).
    VERIFIED,
    /// The provider, or a broker of its, says so.
    CLAIMED,
    /// It bills the whole answer, or nothing is known.
    NONE;

    /// Who says so of themselves, or is said to by brokers.
    private static final List<String> CLAIM = List.of(
            "openai.com",
            "openai.azure.com",
            "anthropic.com",
            "deepseek.com",
            "fireworks.ai",
            "together.xyz",
            "together.ai",
            "x.ai");

    /// Whether what a stop avoids may be credited.
    public boolean credited() {
        return this != NONE;
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// What is taken to be so of a provider of which the configuration says nothing: what is known of its
    /// host. Model servers on one's own machine or network (vLLM, Ollama, TGI) stop; of strangers nothing is
    /// known.
    public static Abort usual(URI baseUrl) {
        String host = String.valueOf(baseUrl.getHost());
        boolean own = host.equals("localhost") || host.matches("\\[::1\\]|[\\d.]+") || !host.contains(".");
        boolean claims = CLAIM.stream().anyMatch(one -> host.equals(one) || host.endsWith("." + one));
        return own || claims ? CLAIMED : NONE;
    }
}
