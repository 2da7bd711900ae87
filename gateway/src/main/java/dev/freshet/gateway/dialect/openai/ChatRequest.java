package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Prefill;
import dev.freshet.gateway.model.Target;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
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
    private static final String FRESHET = "freshet";
    private static final String MAX_TOKENS = "max_tokens";
    private static final String MAX_COMPLETION_TOKENS = "max_completion_tokens";
    /// Models that refuse `max_tokens`. Source: OpenAI's API reference.
    private static final Pattern NO_MAX_TOKENS = Pattern.compile("(.*/)?(gpt-[5-9]|o[1-9]).*");
    /// Stop sequences that OpenAI's API takes.
    private static final int MOST_STOPS = 4;

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
        for (String limit : List.of(MAX_TOKENS, MAX_COMPLETION_TOKENS)) {
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

    /// What the request says to us, as JSON; null where it says nothing.
    public byte @Nullable [] freshet() {
        return members.containsKey(FRESHET) ? raw(FRESHET).getBytes(StandardCharsets.UTF_8) : null;
    }

    /// A text as JSON.
    public static String quoted(String text) {
        return Requests.quoted(text);
    }

    /// Whether a message can be put behind its others.
    public boolean hasMessages() {
        return raw("messages").startsWith("[");
    }

    /// The same request without what it says to us, and with other members.
    ///
    /// @param append what a user says behind its messages; null for nothing
    /// @param set members, as JSON
    public ChatRequest changed(@Nullable String append, Map<String, String> set) {
        Map<String, String> all = new LinkedHashMap<>(set);
        if (append != null)
            all.put("messages", withMessage("{\"role\":\"user\",\"content\":" + Requests.quoted(append) + "}"));
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 256);
        byte[] bytes = spliced(Set.of(FRESHET), Map.of(), all, out);
        if (Requests.parse(bytes) instanceof Requests.Parsed.Good(ChatRequest request)) return request;
        throw new IllegalArgumentException("the members are no JSON");
    }

    /// Members that limit an answer to so many tokens, where it has no lower limit; as JSON.
    public Map<String, String> limitedTo(long tokens) {
        Long own = maxTokens();
        if (own != null && own <= tokens) return Map.of();
        boolean newer = !raw(MAX_COMPLETION_TOKENS).equals("null")
                || (own == null && NO_MAX_TOKENS.matcher(model).matches());
        return Map.of(newer ? MAX_COMPLETION_TOKENS : MAX_TOKENS, String.valueOf(tokens));
    }

    /// Members that have a provider stop before phrases, beside those that the request names; as JSON.
    ///
    /// @return none where there would be more of them than providers take
    public Map<String, String> stoppedAt(List<String> phrases) {
        String own = raw("stop");
        List<String> all =
                new ArrayList<>(phrases.stream().map(Requests::quoted).toList());
        if (own.startsWith("\"")) all.addFirst(own);
        else if (!own.equals("null")) return Map.of();
        return all.size() > MOST_STOPS ? Map.of() : Map.of("stop", "[" + String.join(",", all) + "]");
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
        for (String limit : List.of(MAX_TOKENS, MAX_COMPLETION_TOKENS)) {
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
        return spliced(target.drop(), target.rename(), set, new ByteArrayOutputStream(body.length + 64));
    }

    private byte[] spliced(
            Collection<String> drop, Map<String, String> rename, Map<String, String> set, ByteArrayOutputStream out) {
        char separator = '{';
        for (Map.Entry<String, Member> entry : members.entrySet()) {
            String name = entry.getKey();
            if (drop.contains(name)) continue;
            String value = set.remove(name);
            separator = name(out, separator, rename.getOrDefault(name, name));
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
        if (separator == '{') out.write('{');
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
