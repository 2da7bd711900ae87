package dev.freshet.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A message of a conversation, with all of its fields as JSON has them: those that this library does not
/// know are kept, so an answer's message goes into the next request as it is. Immutable.
///
/// @param fields the message's members, in order; values are maps, lists, strings, numbers, booleans and
/// null
public record Message(Map<String, @Nullable Object> fields) {
    /// @throws IllegalArgumentException where there is no `role`
    public Message {
        if (!(fields.get("role") instanceof String)) throw new IllegalArgumentException("a message needs its role");
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    private static Message of(String role, String content) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("role", role);
        fields.put("content", content);
        return new Message(fields);
    }

    /// What the model is told before the conversation.
    public static Message system(String text) {
        return of("system", text);
    }

    /// What a person says.
    public static Message user(String text) {
        return of("user", text);
    }

    /// What the model has said.
    public static Message assistant(String text) {
        return of("assistant", text);
    }

    /// What a function has given back.
    ///
    /// @param callId that of the [ToolCall]
    public static Message tool(String callId, String result) {
        return of("tool", result).with("tool_call_id", callId);
    }

    /// The same message with one field more, or another value for it.
    ///
    /// @param value a map, collection, string, number, boolean, or null
    public Message with(String field, @Nullable Object value) {
        Map<String, @Nullable Object> changed = new LinkedHashMap<>(fields);
        changed.put(field, value);
        return new Message(changed);
    }

    /// `system`, `user`, `assistant`, `tool`, …
    public String role() {
        return (String) Objects.requireNonNull(fields.get("role"));
    }

    /// The content, where it is text; else empty.
    public String text() {
        return fields.get("content") instanceof String text ? text : "";
    }

    /// The functions that an answer wants called.
    public List<ToolCall> toolCalls() {
        List<ToolCall> calls = new ArrayList<>();
        if (fields.get("tool_calls") instanceof List<?> all) {
            for (Object one : all) {
                if (one instanceof Map<?, ?> call && call.get("function") instanceof Map<?, ?> function)
                    calls.add(new ToolCall(
                            String.valueOf(call.get("id")),
                            String.valueOf(function.get("name")),
                            String.valueOf(function.get("arguments"))));
            }
        }
        return List.copyOf(calls);
    }
}
