package dev.freshet.gateway.model;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// How a provider is asked to go on with an answer that has begun.
///
/// The answer so far becomes the last message. Some providers want that message marked with a member of its
/// own (`prefix` at DeepSeek and Mistral, `partial` at Kimi and Qwen); vLLM and llama.cpp want
/// `continue_final_message` beside the messages.
///
/// @param field the member
/// @param baseUrl another address of the provider's for such requests, without a slash at its end
/// Source: DeepSeek's "Chat Prefix Completion", Mistral's "Prefix", vLLM's "OpenAI-Compatible Server".
public record Prefill(String field, @Nullable URI baseUrl) {
    public static final String CONTINUE_FINAL_MESSAGE = "continue_final_message";
}
