package dev.freshet.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is asked: the body of `POST /v1/chat/completions`, without `stream`, which the client sets. Each method
/// gives a changed copy. Immutable.
///
/// @param model the model's name, as the server lists it
/// @param messages the conversation so far
/// @param fields every other member, in order: `temperature`, `tools`, …
public record ChatRequest(String model, List<Message> messages, Map<String, @Nullable Object> fields) {
    /// @throws IllegalArgumentException where the model has no name, or `fields` has what has a place of
    /// its own
    public ChatRequest {
        if (model.isBlank()) throw new IllegalArgumentException("name a model");
        for (String own : List.of("model", "messages", "stream")) {
            if (fields.containsKey(own)) throw new IllegalArgumentException("`" + own + "` is no further field");
        }
        messages = List.copyOf(messages);
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    /// A request without a message yet.
    public static ChatRequest of(String model) {
        return new ChatRequest(model, List.of(), Map.of());
    }

    /// One question.
    public static ChatRequest of(String model, String question) {
        return of(model).user(question);
    }

    /// With another model.
    public ChatRequest model(String name) {
        return new ChatRequest(name, messages, fields);
    }

    /// With one message more at the end.
    public ChatRequest message(Message message) {
        List<Message> more = new ArrayList<>(messages);
        more.add(message);
        return new ChatRequest(model, more, fields);
    }

    /// With one more at the end: what the model is told.
    public ChatRequest system(String text) {
        return message(Message.system(text));
    }

    /// With one more at the end: what a person says.
    public ChatRequest user(String text) {
        return message(Message.user(text));
    }

    /// With other messages.
    public ChatRequest messages(List<Message> conversation) {
        return new ChatRequest(model, conversation, fields);
    }

    /// With one field more, or another value for it.
    ///
    /// @param value a map, collection, string, number, boolean, or null
    public ChatRequest with(String field, @Nullable Object value) {
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(fields);
        changed.put(field, value);
        return new ChatRequest(model, messages, changed);
    }

    /// With the most tokens that the answer may have.
    public ChatRequest maxTokens(int most) {
        return with("max_tokens", most);
    }

    /// With a request for the usage at the end of the stream (`stream_options.include_usage`). A few
    /// servers refuse the field; a Freshet gateway tells the usage without it.
    public ChatRequest withUsage() {
        return with("stream_options", Map.of("include_usage", true));
    }

    /// How many choices are asked for; at least 1.
    int choices() {
        return fields.get("n") instanceof Number n ? Math.max(1, n.intValue()) : 1;
    }

    byte[] body() {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("model", model);
        members.put("messages", messages);
        members.put("stream", true);
        members.putAll(fields);
        return Json.bytes(members);
    }
}
