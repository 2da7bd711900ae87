package dev.freshet.gateway.config;

import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Secret;
import java.net.URI;
import java.util.List;
import java.util.Map;

/// A provider that is configured by its key in the environment alone.
///
/// @param variable the environment's variable that holds the key
/// @param baseUrl its OpenAI-compatible API, from its own documentation
public record KnownProvider(String name, String variable, String baseUrl) {
    /// In the order in which a bare model name is looked for.
    public static final List<KnownProvider> ALL = List.of(
            new KnownProvider("deepseek", "DEEPSEEK_API_KEY", "https://api.deepseek.com/v1"),
            new KnownProvider("openai", "OPENAI_API_KEY", "https://api.openai.com/v1"),
            new KnownProvider("anthropic", "ANTHROPIC_API_KEY", "https://api.anthropic.com/v1"),
            new KnownProvider("gemini", "GEMINI_API_KEY", "https://generativelanguage.googleapis.com/v1beta/openai"),
            new KnownProvider("openrouter", "OPENROUTER_API_KEY", "https://openrouter.ai/api/v1"),
            new KnownProvider("groq", "GROQ_API_KEY", "https://api.groq.com/openai/v1"),
            new KnownProvider("mistral", "MISTRAL_API_KEY", "https://api.mistral.ai/v1"),
            new KnownProvider("xai", "XAI_API_KEY", "https://api.x.ai/v1"),
            new KnownProvider("together", "TOGETHER_API_KEY", "https://api.together.xyz/v1"),
            new KnownProvider("aiwave", "AIWAVE_API_KEY", "https://api.aiwave.live/v1"));

    /// Model servers that need no key; taken where they answer on this machine.
    public static final List<Provider> LOCAL = List.of(
            new Provider("ollama", URI.create("http://127.0.0.1:11434/v1"), new Provider.Auth.None(), Map.of()),
            new Provider("vllm", URI.create("http://127.0.0.1:8000/v1"), new Provider.Auth.None(), Map.of()));

    Provider with(String key) {
        return new Provider(name, URI.create(baseUrl), new Provider.Auth.Keys(List.of(new Secret(key))), Map.of());
    }
}
