package dev.freshet.simulator;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Reads scripts from YAML: `models:`, each a list of steps. The README of this module describes the steps.
final class ScriptFile {
    private final String name;

    private ScriptFile(String name) {
        this.name = name;
    }

    static Map<String, Script> read(Path file) throws IOException {
        return parse(Files.readString(file), file.toString());
    }

    /// The scripts by model.
    ///
    /// @throws ScriptException with line and column
    static Map<String, Script> parse(String yaml, String name) {
        ScriptFile file = new ScriptFile(name);
        try {
            Node root = new Compose(LoadSettings.builder().setLabel(name).build())
                    .composeInputStream(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                    .orElseThrow(() -> new ScriptException(name + ": it is empty; expected `models:`"));
            return file.models(root);
        } catch (MarkedYamlEngineException e) {
            String place = e.getProblemMark()
                    .map(m -> ":" + (m.getLine() + 1) + ":" + (m.getColumn() + 1))
                    .orElse("");
            throw new ScriptException(name + place + ": not YAML: " + e.getProblem());
        }
    }

    private Map<String, Script> models(Node root) {
        Map<String, Node> top = mapping(root);
        Node models = top.remove("models");
        if (models == null || !top.isEmpty()) throw error(root, "expected `models:` and nothing else");
        Map<String, Script> scripts = new LinkedHashMap<>();
        mapping(models).forEach((model, steps) -> scripts.put(model, Script.of(steps(steps))));
        return scripts;
    }

    private List<Step> steps(Node node) {
        if (!(node instanceof SequenceNode sequence)) throw error(node, "expected a list of steps");
        List<Step> steps = new ArrayList<>();
        for (Node step : sequence.getValue()) steps.addAll(step(step));
        return steps;
    }

    private List<Step> step(Node node) {
        if (node instanceof ScalarNode word) return List.of(plain(word));
        Map<String, Node> entry = mapping(node);
        if (entry.size() != 1) throw error(node, "a step is one word, or one `word: value`");
        String word = entry.keySet().iterator().next();
        Node value = entry.values().iterator().next();
        return switch (word) {
            case "head" -> List.of(head(value));
            case "raw" -> List.of(Steps.raw(text(value)));
            case "hex" -> List.of(hex(value));
            case "chunk" -> List.of(Steps.chunk(text(value)));
            case "event" -> List.of(Steps.event(text(value)));
            case "text" -> List.of(Steps.text(text(value)));
            case "finish" -> List.of(Steps.finish(text(value)));
            case "wait" -> List.of(Steps.pause(duration(value)));
            case "split" -> split(value);
            case "repeat" -> List.of(repeat(value));
            default -> throw unknown(node, word);
        };
    }

    private Step plain(ScalarNode word) {
        return switch (word.getValue()) {
            case "head" -> Steps.head();
            case "role" -> Steps.role();
            case "done" -> Steps.done();
            case "last-chunk" -> Steps.lastChunk();
            case "end" -> new Step.End();
            case "close" -> Steps.close();
            case "reset" -> Steps.reset();
            case "drop" -> Steps.drop();
            case "hang" -> Steps.hang();
            case "vanish" -> Steps.vanish();
            case "go-away" -> Steps.goAway();
            case "refuse" -> Steps.refuse();
            case "refuse-all" -> Steps.refuseAll();
            case "abort" -> Steps.abort();
            default -> throw unknown(word, word.getValue());
        };
    }

    private Step head(Node value) {
        Map<String, Node> fields = mapping(value);
        Node status = fields.remove("status");
        Node headers = fields.remove("headers");
        if (!fields.isEmpty()) throw error(value, "a head has `status` and `headers`");
        List<String> lines = new ArrayList<>();
        if (headers != null) mapping(headers).forEach((key, line) -> lines.add(key + ": " + text(line)));
        int code = status == null ? 200 : number(status, 100, 999);
        return Steps.head(code, lines.toArray(String[]::new));
    }

    private Step hex(Node value) {
        try {
            return new Step.Send(HexFormat.of().parseHex(text(value).replaceAll("\\s", "")));
        } catch (IllegalArgumentException e) {
            throw error(value, "expected bytes as pairs of hex digits");
        }
    }

    private Step repeat(Node value) {
        Map<String, Node> fields = mapping(value);
        Node times = fields.remove("times");
        Node steps = fields.remove("steps");
        if (steps == null || !fields.isEmpty()) throw error(value, "a repetition has `steps`, and perhaps `times`");
        try {
            return new Step.Repeat(steps(steps), times == null ? Step.Repeat.FOR_EVER : number(times, 1, 1_000_000));
        } catch (IllegalArgumentException e) {
            throw error(value, String.valueOf(e.getMessage()));
        }
    }

    private List<Step> split(Node value) {
        Map<String, Node> fields = mapping(value);
        Node size = fields.remove("size");
        Node text = fields.remove("text");
        if (size == null || text == null || !fields.isEmpty()) throw error(value, "a split has `size` and `text`");
        return Steps.split(text(text), number(size, 1, 1 << 20));
    }

    private Duration duration(Node value) {
        String text = text(value);
        if (text.matches("\\d{1,7}ms")) return Duration.ofMillis(Long.parseLong(text.replace("ms", "")));
        if (text.matches("\\d{1,5}s")) return Duration.ofSeconds(Long.parseLong(text.replace("s", "")));
        throw error(value, "`" + text + "` is no duration; expected one like 250ms or 30s");
    }

    private int number(Node value, int least, int most) {
        String text = text(value);
        int number = text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
        if (number < least || number > most) throw error(value, "expected a number from " + least + " to " + most);
        return number;
    }

    private String text(Node value) {
        if (value instanceof ScalarNode scalar) return scalar.getValue();
        throw error(value, "expected a single value");
    }

    private Map<String, Node> mapping(Node node) {
        if (!(node instanceof MappingNode mapping)) throw error(node, "expected a mapping (`key: value` lines)");
        Map<String, Node> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            if (entries.put(text(tuple.getKeyNode()), tuple.getValueNode()) != null) {
                throw error(tuple.getKeyNode(), "this key stands here twice");
            }
        }
        return entries;
    }

    private ScriptException unknown(Node node, String word) {
        return error(
                node,
                "there is no step `" + word
                        + "`; there are: head, role, text, finish, done, event, chunk, raw, hex, split, repeat,"
                        + " wait, last-chunk, end, close, reset, drop, hang, vanish");
    }

    private ScriptException error(Node node, String message) {
        String place = node.getStartMark()
                .map(m -> ":" + (m.getLine() + 1) + ":" + (m.getColumn() + 1))
                .orElse("");
        return new ScriptException(name + place + ": " + message);
    }
}
