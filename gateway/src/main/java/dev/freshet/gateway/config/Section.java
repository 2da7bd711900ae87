package dev.freshet.gateway.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// One mapping of the configuration file, read key by key. Every error names file, line, column and what was
/// expected. [#end] refuses the keys that nobody asked for.
final class Section {
    private final Source source;
    private final String path;
    private final @Nullable Node node;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final List<String> known = new ArrayList<>();

    /// @param node the mapping; null for one that is absent, which gives defaults everywhere
    Section(Source source, String path, @Nullable Node node) {
        this.source = source;
        this.path = path;
        this.node = node;
        if (node == null || isNull(node)) return;
        if (!(node instanceof MappingNode mapping)) throw error(node, "expected a mapping (`key: value` lines)");
        for (NodeTuple tuple : mapping.getValue()) add(tuple);
    }

    private void add(NodeTuple tuple) {
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) throw error(tuple.getKeyNode(), "expected a plain key");
        if (entries.putIfAbsent(key.getValue(), tuple) != null) {
            throw error(key, "the key `" + key.getValue() + "` stands here twice; remove one");
        }
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode scalar
                && scalar.isPlain()
                && scalar.getValue().matches("|~|null");
    }

    /// Whether the file has this key, with a value.
    boolean has(String key) {
        return value(key) != null;
    }

    /// The keys that the file has, for mappings whose keys are names.
    List<String> keys() {
        known.addAll(entries.keySet());
        return List.copyOf(entries.keySet());
    }

    /// Whether the value is the word `off`.
    boolean off(String key) {
        return value(key) instanceof ScalarNode one && scalar(one).matches("off|false");
    }

    /// Whether the value is a mapping.
    boolean hasMapping(String key) {
        return value(key) instanceof MappingNode;
    }

    /// A section without anything, whatever stands at the key.
    Section absent(String key) {
        return new Section(source, path(key), null);
    }

    Section section(String key) {
        return new Section(source, path(key), value(key));
    }

    List<Section> sections(String key) {
        List<Section> found = new ArrayList<>();
        for (Node item : items(key)) found.add(new Section(source, path(key) + "[" + found.size() + "]", item));
        return found;
    }

    List<String> strings(String key) {
        return items(key).stream().map(this::scalar).toList();
    }

    /// A list of texts, where a single text stands for a list of one.
    List<String> stringOrStrings(String key) {
        return value(key) instanceof ScalarNode one ? List.of(scalar(one)) : strings(key);
    }

    String string(String key, String otherwise) {
        return optional(key).orElse(otherwise);
    }

    Optional<String> optional(String key) {
        Node value = value(key);
        return value == null ? Optional.empty() : Optional.of(scalar(value));
    }

    String required(String key) {
        return optional(key).orElseThrow(() -> error("`" + key + "` is missing"));
    }

    Duration duration(String key, Duration otherwise) {
        return parsed(key, otherwise, Units::duration, "a duration like 250ms, 30s or 10m");
    }

    long size(String key, long otherwise) {
        return parsed(key, otherwise, Units::size, "a size like 64KiB or 8MiB");
    }

    int count(String key, int otherwise) {
        return parsed(key, otherwise, Section::wholeNumber, "a whole number of 0 or more");
    }

    double number(String key, double otherwise) {
        return parsed(key, otherwise, Section::decimal, "a number");
    }

    boolean flag(String key, boolean otherwise) {
        return parsed(
                key,
                otherwise,
                text -> switch (text) {
                    case "true" -> Optional.of(true);
                    case "false" -> Optional.of(false);
                    default -> Optional.empty();
                },
                "true or false");
    }

    /// One of a few words.
    String choice(String key, String otherwise, String... words) {
        return parsed(
                key,
                otherwise,
                text -> List.of(words).contains(text) ? Optional.of(text) : Optional.empty(),
                "one of " + String.join(", ", words));
    }

    /// A value that `reader` understands.
    <T> T parsed(String key, T otherwise, Function<String, Optional<T>> reader, String expected) {
        Node value = value(key);
        if (value == null) return otherwise;
        String text = scalar(value);
        return reader.apply(text)
                .orElseThrow(() -> error(value, "`" + path(key) + "` is `" + text + "`, expected " + expected));
    }

    /// The value as JSON text, for members that are set in requests.
    String json(String key) {
        Node value = value(key);
        return value == null ? "null" : NodeJson.of(value, this::scalar);
    }

    /// Refuses keys that were not read.
    ///
    /// @throws ConfigException for the first of them
    void end() {
        for (Map.Entry<String, NodeTuple> entry : entries.entrySet()) {
            if (known.contains(entry.getKey())) continue;
            String all = String.join(", ", known.stream().distinct().toList());
            throw error(
                    entry.getValue().getKeyNode(),
                    "unknown key `" + path(entry.getKey()) + "`; here are known: " + all);
        }
    }

    /// An error at a key of this section, or at the section itself where the key is absent.
    ConfigException errorAt(String key, String message) {
        NodeTuple tuple = entries.get(key);
        return tuple == null ? error(message) : error(tuple.getValueNode(), message);
    }

    ConfigException error(String message) {
        return error(node, (path.isEmpty() ? "" : "`" + path + "`: ") + message);
    }

    private ConfigException error(@Nullable Node where, String message) {
        Optional<Mark> mark = where == null ? Optional.empty() : where.getStartMark();
        String place = mark.map(m -> ":" + (m.getLine() + 1) + ":" + (m.getColumn() + 1))
                .orElse("");
        return new ConfigException(source.name() + place + ": " + message);
    }

    private @Nullable Node value(String key) {
        known.add(key);
        NodeTuple tuple = entries.get(key);
        return tuple == null || isNull(tuple.getValueNode()) ? null : tuple.getValueNode();
    }

    private List<Node> items(String key) {
        Node value = value(key);
        if (value == null) return List.of();
        if (value instanceof SequenceNode sequence) return sequence.getValue();
        throw error(value, "`" + path(key) + "` must be a list: [a, b]");
    }

    private String scalar(Node value) {
        if (!(value instanceof ScalarNode scalar)) throw error(value, "expected a single value");
        return source.interpolated(scalar.getValue(), message -> error(value, message));
    }

    private String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static Optional<Integer> wholeNumber(String text) {
        return text.matches("\\d{1,9}") ? Optional.of(Integer.parseInt(text)) : Optional.empty();
    }

    private static Optional<Double> decimal(String text) {
        return text.matches("\\d+(\\.\\d+)?") ? Optional.of(Double.parseDouble(text)) : Optional.empty();
    }
}
