package dev.freshet.gateway.config;

import java.util.function.Function;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import tools.jackson.core.io.JsonStringEncoder;

/// A YAML value as JSON text, after YAML 1.2's JSON schema: numbers, booleans and null stay what they are.
final class NodeJson {
    private NodeJson() {}

    /// @param scalar reads a scalar's text, with references to the environment replaced
    static String of(Node node, Function<Node, String> scalar) {
        return switch (node) {
            case MappingNode mapping ->
                mapping.getValue().stream()
                        .map(entry -> quoted(scalar.apply(entry.getKeyNode())) + ":" + of(entry.getValueNode(), scalar))
                        .collect(Collectors.joining(",", "{", "}"));
            case SequenceNode sequence ->
                sequence.getValue().stream().map(item -> of(item, scalar)).collect(Collectors.joining(",", "[", "]"));
            case ScalarNode value -> ofScalar(value, scalar.apply(value));
            default -> throw new IllegalArgumentException("aliases are resolved before");
        };
    }

    private static String ofScalar(ScalarNode node, String text) {
        if (node.getTag().equals(Tag.STR)) return quoted(text);
        boolean json = text.matches("true|false|null|-?(0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d+)?");
        return json ? text : quoted(text);
    }

    private static String quoted(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
    }
}
