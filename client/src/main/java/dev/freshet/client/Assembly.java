package dev.freshet.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What has come of one attempt. Not thread-safe.
final class Assembly {
    /// Members whose pieces repeat a name and do not continue a text.
    private static final Set<String> NAMES = Set.of("id", "type", "index", "format", "name", "signature");

    private final Map<Integer, Choice> choices = new TreeMap<>();
    private final int expected;
    private String id = "";
    private String model = "";
    private @Nullable Usage usage;
    private int tokens;

    /// One choice so far.
    private static final class Choice {
        final StringBuilder text = new StringBuilder();
        final StringBuilder reasoning = new StringBuilder();
        final StringBuilder refusal = new StringBuilder();
        final List<Call> calls = new ArrayList<>();
        final Map<String, @Nullable Object> other = new LinkedHashMap<>();
        String finishReason = "";
    }

    /// A call of a tool so far.
    private static final class Call {
        final int index;
        String id;
        String name = "";
        final StringBuilder arguments = new StringBuilder();

        Call(int index, String id) {
            this.index = index;
            this.id = id;
        }
    }

    /// @param expected how many choices were asked for
    Assembly(int expected) {
        this.expected = expected;
    }

    void add(Chunk chunk) {
        id = chunk.id();
        model = chunk.model();
        if (chunk.usage() != null) usage = chunk.usage();
        for (Chunk.Delta delta : chunk.deltas()) {
            Choice choice = choices.computeIfAbsent(delta.index(), index -> new Choice());
            if (delta.hasContent()) tokens++;
            choice.text.append(delta.text());
            choice.reasoning.append(delta.reasoning());
            choice.refusal.append(delta.refusal());
            delta.toolCalls().forEach(part -> add(choice.calls, part));
            delta.other().forEach((name, value) -> choice.other.merge(name, value, Assembly::joined));
            if (delta.finishReason() != null) choice.finishReason = delta.finishReason();
        }
    }

    /// A piece belongs to the last call of its index, but a new id begins a new one: some servers give all
    /// calls the same index.
    private static void add(List<Call> calls, Chunk.ToolCallPart part) {
        Call call = null;
        for (Call one : calls) if (one.index == part.index()) call = one;
        if (call == null
                || (!part.id().isEmpty() && !call.id.isEmpty() && !part.id().equals(call.id))) {
            call = new Call(part.index(), part.id());
            calls.add(call);
        }
        if (call.id.isEmpty()) call.id = part.id();
        if (call.name.isEmpty()) call.name = part.name();
        call.arguments.append(part.arguments());
    }

    /// Texts continue, lists grow, objects are joined by member; of anything else the last one counts.
    private static Object joined(Object before, Object now) {
        if (before instanceof String text && now instanceof String piece) return text + piece;
        if (before instanceof List<?> some && now instanceof List<?> more) {
            List<@Nullable Object> all = new ArrayList<>(some);
            all.addAll(more);
            return all;
        }
        if (before instanceof Map<?, ?> some && now instanceof Map<?, ?> more) {
            Map<Object, @Nullable Object> all = new LinkedHashMap<>(some);
            more.forEach((name, value) -> {
                if (value != null) all.merge(name, value, (a, b) -> NAMES.contains(name) ? b : joined(a, b));
            });
            return all;
        }
        return now;
    }

    /// Whether every choice has its finish_reason: evidence that the answer is whole.
    boolean finished() {
        return choices.size() >= expected
                && choices.values().stream().noneMatch(choice -> choice.finishReason.isEmpty());
    }

    int tokens() {
        return tokens;
    }

    @Nullable
    Usage usage() {
        return usage;
    }

    void usage(Usage reported) {
        usage = reported;
    }

    String id() {
        return id;
    }

    String model() {
        return model;
    }

    /// The text of the first choice; it grows.
    CharSequence text() {
        Choice first = choices.get(0);
        return first == null ? "" : first.text;
    }

    /// @param reasoningField the name under which the server wants reasoning back
    List<Answer.Choice> choices(String reasoningField) {
        return choices.values().stream()
                .map(choice -> new Answer.Choice(
                        message(choice, reasoningField), choice.reasoning.toString(), choice.finishReason))
                .toList();
    }

    private static Message message(Choice choice, String reasoningField) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("role", "assistant");
        boolean textless = choice.text.isEmpty() && !(choice.calls.isEmpty() && choice.refusal.isEmpty());
        fields.put("content", textless ? null : choice.text.toString());
        if (!choice.refusal.isEmpty()) fields.put("refusal", choice.refusal.toString());
        if (!choice.calls.isEmpty()) {
            fields.put("tool_calls", choice.calls.stream().map(Assembly::json).toList());
            if (!choice.reasoning.isEmpty()) fields.put(reasoningField, choice.reasoning.toString());
        }
        fields.putAll(choice.other);
        return new Message(fields);
    }

    private static Map<String, Object> json(Call call) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name);
        function.put("arguments", call.arguments.toString());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", call.id);
        json.put("type", "function");
        json.put("function", function);
        return json;
    }
}
