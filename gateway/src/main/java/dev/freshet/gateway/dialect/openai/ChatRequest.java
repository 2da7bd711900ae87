package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Prefill;
import dev.freshet.gateway.model.Target;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;

/// A client's chat request: the little that the gateway must know, and the bytes as they came.
///
/// Unknown fields pass untouched, because members are spliced, never rewritten. Immutable; the bytes are not to
/// be written to.
/// Source: OpenAI's API reference, "Create chat completion".
public final class ChatRequest {
    /// Members that ask for something else than plain text.
    private static final List<String> NOT_PLAIN = List.of(
            "tools",
            "functions",
            "logprobs",
            "top_logprobs",
            "modalities",
            "audio",
            "prediction",
            "web_search_options");

    /// Values that say no more than an absent member does.
    private static final Set<String> NEUTRAL = Set.of("null", "false", "[]", "{}", "0", "[\"text\"]");

    static final String INCLUDE_USAGE = "include_usage";
    /// The rest of a longer name is cut off.
    private static final int MAX_USER = 128;

    private static final String OPTIONS = "stream_options";

    private final byte[] body;
    private final Map<String, Member> members;
    private final String model;
    private final boolean stream;
    private final boolean usageAsked;

    ChatRequest(byte[] body, Map<String, Member> members, String model, boolean stream, boolean usageAsked) {
        this.body = body;
        this.members = members;
        this.model = model;
        this.stream = stream;
        this.usageAsked = usageAsked;
    }

    /// A top-level member: where its value stands in the bytes.
    record Member(int from, int to) {}

    /// The model's name as the client wrote it.
    public String model() {
        return model;
    }

    /// Whether the answer is asked for as an event stream.
    public boolean stream() {
        return stream;
    }

    /// Whether the client wants to be told what its streamed answer takes.
    public boolean usageAsked() {
        return usageAsked;
    }

    /// The `stream_options` that ask a target for what the answer takes, where the client's do not; its other
    /// options are kept.
    ///
    /// @return null where nothing is to be changed
    private @Nullable String optionsFor(Target target) {
        boolean fixed = target.drop().contains(OPTIONS) || target.set().containsKey(OPTIONS);
        if (!stream || usageAsked || fixed || !target.provider().asksUsage()) return null;
        String own = raw(OPTIONS);
        if (own.equals("null")) return "{\"" + INCLUDE_USAGE + "\":true}";
        if (!own.startsWith("{")) return null; // the provider will say that it is wrong
        byte[] bytes = own.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 24);
        try (JsonParser parser = Json.parser(bytes, 0, bytes.length);
                JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            parser.nextToken();
            json.writeStartObject();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals(INCLUDE_USAGE)) {
                    parser.skipChildren();
                } else {
                    json.writeName(name);
                    json.copyCurrentStructure(parser);
                }
            }
            json.writeName(INCLUDE_USAGE).writeBoolean(true);
            json.writeEndObject();
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /// The request's bytes as a target wants them: as they came where nothing must change.
    public byte[] bytesFor(Target target) {
        boolean renamed = target.model() != null && !target.model().equals(model);
        String options = optionsFor(target);
        if (!renamed && !target.changesMembers() && options == null) return body;
        Map<String, String> set = new LinkedHashMap<>(target.set());
        if (options != null) set.put(OPTIONS, options);
        if (renamed) set.put("model", Requests.quoted(String.valueOf(target.model())));
        return spliced(target, set);
    }

    /// The most tokens that the answer may have, by its own limits; null where it names none.
    public @Nullable Long maxTokens() {
        Long most = null;
        for (String limit : List.of("max_tokens", "max_completion_tokens")) {
            if (!raw(limit).matches("\\d{1,12}")) continue;
            long value = Long.parseLong(raw(limit));
            most = most == null ? value : Long.valueOf(Math.max(most, value));
        }
        return most;
    }

    /// How many answers are asked for.
    public int choices() {
        return raw("n").matches("[1-9]\\d{0,3}") ? Integer.parseInt(raw("n")) : 1;
    }

    /// For which of the client's own users; null where it does not say.
    public @Nullable String user() {
        String raw = raw("user");
        if (!raw.startsWith("\"")) return null;
        byte[] bytes = raw.getBytes(StandardCharsets.UTF_8);
        try (JsonParser parser = Json.parser(bytes, 0, bytes.length)) {
            parser.nextToken();
            String user = parser.getString();
            return user.isBlank() ? null : user.substring(0, Math.min(user.length(), MAX_USER));
        }
    }

    /// The client's bytes, as they came.
    public byte[] bytes() {
        return body;
    }

    /// Whether an answer to it can be gone on with: it asks for one choice of plain text, and nothing else.
    public boolean canContinue() {
        return stream
                && members.containsKey("messages")
                && NOT_PLAIN.stream().allMatch(name -> NEUTRAL.contains(raw(name)))
                && (raw("n").equals("1") || raw("n").equals("null"))
                && (raw("response_format").equals("null")
                        || raw("response_format").matches("\\{\\s*\"type\"\\s*:\\s*\"text\"\\s*}"));
    }

    /// The request's bytes for a target that is to go on with an answer.
    ///
    /// @return null where the limit on tokens leaves nothing to ask for
    public byte @Nullable [] bytesFor(Target target, Prefill prefill, AnswerSoFar answer) {
        Map<String, String> set = new LinkedHashMap<>(target.set());
        String options = optionsFor(target);
        if (options != null) set.put(OPTIONS, options);
        if (target.model() != null && !target.model().equals(model)) set.put("model", Requests.quoted(target.model()));
        for (String limit : List.of("max_tokens", "max_completion_tokens")) {
            if (!raw(limit).matches("\\d{1,9}")) continue;
            long left = Long.parseLong(raw(limit)) - answer.contents();
            if (left <= 0) return null;
            set.put(limit, String.valueOf(left));
        }
        boolean beside = prefill.field().equals(Prefill.CONTINUE_FINAL_MESSAGE);
        String message = "{\"role\":\"assistant\",\"content\":" + Requests.quoted(answer.prefill())
                + (beside ? "" : "," + Requests.quoted(prefill.field()) + ":true") + "}";
        if (beside) {
            set.put(Prefill.CONTINUE_FINAL_MESSAGE, "true");
            set.put("add_generation_prompt", "false");
        }
        set.put("messages", withMessage(message));
        return spliced(target, set);
    }

    private String withMessage(String message) {
        String messages = raw("messages").strip();
        String open = messages.substring(0, messages.length() - 1).stripTrailing();
        return open + (open.equals("[") ? "" : ",") + message + "]";
    }

    /// A member's value as it came; `null` where there is none.
    private String raw(String name) {
        Member member = members.get(name);
        if (member == null) return "null";
        return new String(body, member.from(), member.to() - member.from(), StandardCharsets.UTF_8).strip();
    }

    private byte[] spliced(Target target, Map<String, String> set) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 64);
        char separator = '{';
        for (Map.Entry<String, Member> entry : members.entrySet()) {
            String name = entry.getKey();
            if (target.drop().contains(name)) continue;
            String value = set.remove(name);
            separator = name(out, separator, target.rename().getOrDefault(name, name));
            if (value == null)
                out.write(
                        body,
                        entry.getValue().from(),
                        entry.getValue().to() - entry.getValue().from());
            else out.writeBytes(value.getBytes(StandardCharsets.UTF_8));
        }
        for (Map.Entry<String, String> added : set.entrySet()) {
            separator = name(out, separator, added.getKey());
            out.writeBytes(added.getValue().getBytes(StandardCharsets.UTF_8));
        }
        out.write('}');
        return out.toByteArray();
    }

    private static char name(ByteArrayOutputStream out, char separator, String name) {
        out.write(separator);
        out.writeBytes(Requests.quoted(name).getBytes(StandardCharsets.UTF_8));
        out.write(':');
        return ',';
    }
}
