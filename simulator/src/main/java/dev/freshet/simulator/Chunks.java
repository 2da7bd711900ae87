package dev.freshet.simulator;

import java.security.SecureRandom;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/// Answers in the shape of OpenAI's API, as JSON text. Source: OpenAI's API reference, "The chat completion
/// chunk object".
///
/// @param usageMember whether chunks carry `"usage":null`, as they do for who asked for usage
record Chunks(String id, long created, String model, boolean usageMember) {
    /// What scripts write: the same bytes each time.
    static final Chunks SCRIPTED = new Chunks("chatcmpl-simulated", 1_760_000_000L, "scripted", false);

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String FINGERPRINT = "fp_simulated";

    static Chunks of(ChatCall call) {
        String id = "chatcmpl-" + Long.toUnsignedString(RANDOM.nextLong(), 36);
        return new Chunks(id, Instant.now().getEpochSecond(), call.model(), call.includeUsage());
    }

    String role(int choice) {
        return choice(choice, "{\"role\":\"assistant\",\"content\":\"\"}", "null");
    }

    String text(int choice, String text) {
        return choice(choice, "{\"content\":" + quoted(text) + "}", "null");
    }

    /// As DeepSeek and those that follow it name it.
    String reasoning(int choice, String text) {
        return choice(choice, "{\"reasoning_content\":" + quoted(text) + "}", "null");
    }

    /// A piece of a call's arguments.
    ///
    /// @param name of the function, with the first piece
    String call(int choice, @Nullable String name, String arguments) {
        String head = name == null ? "" : "\"id\":\"call_simulated\",\"type\":\"function\",";
        String called = name == null ? "" : "\"name\":" + quoted(name) + ",";
        return choice(
                choice,
                "{\"tool_calls\":[{\"index\":0," + head + "\"function\":{" + called + "\"arguments\":"
                        + quoted(arguments) + "}}]}",
                "null");
    }

    String finish(int choice, String reason) {
        return choice(choice, "{}", quoted(reason));
    }

    String usage(int promptTokens, int completionTokens) {
        return head("chat.completion.chunk") + ",\"choices\":[],\"usage\":"
                + usageObject(promptTokens, completionTokens) + "}";
    }

    /// What a whole answer says.
    ///
    /// @param text or the arguments of a call
    /// @param tool that is called; null where none is
    record Said(String text, @Nullable String tool, String reason) {
        private String members() {
            if (tool == null) return "\"content\":" + quoted(text);
            return "\"content\":null,\"tool_calls\":[{\"id\":\"call_simulated\",\"type\":\"function\",\"function\":{\"name\":"
                    + quoted(tool) + ",\"arguments\":" + quoted(text) + "}}]";
        }
    }

    /// A whole answer: the same text for each choice.
    String whole(int choices, String text, String reason, int promptTokens, int completionTokens) {
        return whole(choices, new Said(text, null, reason), promptTokens, completionTokens);
    }

    /// A whole answer: the same for each choice.
    String whole(int choices, Said said, int promptTokens, int completionTokens) {
        StringBuilder all = new StringBuilder(head("chat.completion")).append(",\"choices\":[");
        for (int i = 0; i < choices; i++) {
            if (i > 0) all.append(',');
            all.append("{\"index\":").append(i).append(",\"message\":{\"role\":\"assistant\",");
            all.append(said.members())
                    .append(",\"refusal\":null},\"logprobs\":null,\"finish_reason\":")
                    .append(quoted(said.reason()))
                    .append('}');
        }
        return all.append("],\"usage\":")
                .append(usageObject(promptTokens, completionTokens))
                .append('}')
                .toString();
    }

    private String choice(int index, String delta, String reason) {
        return head("chat.completion.chunk") + ",\"choices\":[{\"index\":" + index + ",\"delta\":" + delta
                + ",\"logprobs\":null,\"finish_reason\":" + reason + "}]" + (usageMember ? ",\"usage\":null}" : "}");
    }

    private String head(String object) {
        return "{\"id\":\"" + id + "\",\"object\":\"" + object + "\",\"created\":" + created + ",\"model\":"
                + quoted(model) + ",\"system_fingerprint\":\"" + FINGERPRINT + "\"";
    }

    private static String usageObject(int prompt, int completion) {
        return "{\"prompt_tokens\":" + prompt + ",\"completion_tokens\":" + completion + ",\"total_tokens\":"
                + (prompt + completion) + "}";
    }

    static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
    }
}
