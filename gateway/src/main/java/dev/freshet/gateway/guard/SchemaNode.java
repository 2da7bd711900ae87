package dev.freshet.gateway.guard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What of a schema can be decided before a text is over: types, names, what is missing, words and numbers
/// that are allowed. The rest of it (`anyOf`, `pattern`, …) waits for the end. Immutable once read.
final class SchemaNode {
    static final SchemaNode ANYTHING = new SchemaNode();
    private static final int MOST_REFERENCES = 32;
    private static final Set<String> TYPES =
            Set.of("object", "array", "string", "number", "integer", "boolean", "null");

    final Set<String> types = new HashSet<>(); // empty for any
    final Map<String, SchemaNode> properties = new HashMap<>();
    final List<String> required = new ArrayList<>();
    /// All values that are allowed, as JSON; null for any.
    @Nullable
    List<JsonNode> values;

    @Nullable
    SchemaNode others; // properties without a name; null where none may be

    @Nullable
    SchemaNode items;

    double minimum = Double.NEGATIVE_INFINITY;
    double maximum = Double.POSITIVE_INFINITY;
    int mostItems = Integer.MAX_VALUE;
    int mostCharacters = Integer.MAX_VALUE;
    boolean nothing; // the schema `false`
    private @Nullable SchemaNode reference;

    private SchemaNode() {
        others = this;
    }

    static SchemaNode of(JsonNode schema) {
        return new Reader(schema).read(schema);
    }

    /// The schema that this one refers to, or itself.
    SchemaNode resolved() {
        SchemaNode at = this;
        for (int i = 0; at.reference != null; i++) {
            if (i == MOST_REFERENCES) throw new GuardException("the schema refers to itself without end");
            at = at.reference;
        }
        return at;
    }

    SchemaNode item() {
        return items == null ? ANYTHING : items.resolved();
    }

    /// @return null where there may be no such property
    @Nullable
    SchemaNode property(String name) {
        SchemaNode named = properties.get(name);
        if (named != null) return named.resolved();
        return others == null ? null : others.resolved();
    }

    private static final class Reader {
        private final JsonNode document;
        private final Map<String, SchemaNode> referred = new HashMap<>();

        Reader(JsonNode document) {
            this.document = document;
        }

        SchemaNode read(JsonNode schema) {
            SchemaNode node = new SchemaNode();
            fill(node, schema);
            node.resolved();
            return node;
        }

        private void fill(SchemaNode node, JsonNode schema) {
            node.others = ANYTHING;
            node.nothing = schema.isBoolean() && !schema.asBoolean();
            if (!schema.isObject()) return;
            JsonNode ref = schema.get("$ref");
            if (ref != null && ref.isString()) {
                node.reference = referred(ref.asString());
                return;
            }
            types(node, schema.path("type"));
            values(node, schema);
            node.minimum = schema.path("minimum").asDouble(Double.NEGATIVE_INFINITY);
            node.maximum = schema.path("maximum").asDouble(Double.POSITIVE_INFINITY);
            node.mostItems = schema.path("maxItems").asInt(Integer.MAX_VALUE);
            node.mostCharacters = schema.path("maxLength").asInt(Integer.MAX_VALUE);
            for (JsonNode name : schema.path("required")) node.required.add(name.asString(""));
            schema.path("properties")
                    .properties()
                    .forEach(one -> node.properties.put(one.getKey(), read(one.getValue())));
            JsonNode items = schema.get("items");
            if (items != null && !items.isArray() && !schema.has("prefixItems")) node.items = read(items);
            JsonNode others = schema.get("additionalProperties");
            if (others == null || schema.has("patternProperties")) return;
            node.others = others.isBoolean() && !others.asBoolean() ? null : read(others);
        }

        private static void types(SchemaNode node, JsonNode type) {
            if (type.isString()) node.types.add(type.asString());
            for (JsonNode one : type) node.types.add(one.asString(""));
            for (String one : node.types)
                if (!TYPES.contains(one))
                    throw new GuardException("the schema cannot be used: there is no type `" + one + "`");
        }

        private static void values(SchemaNode node, JsonNode schema) {
            JsonNode only = schema.get("const");
            if (only != null) node.values = List.of(only);
            if (!schema.path("enum").isArray()) return;
            List<JsonNode> values = new ArrayList<>();
            for (JsonNode one : schema.path("enum")) values.add(one);
            node.values = values;
        }

        private SchemaNode referred(String ref) {
            SchemaNode known = referred.get(ref);
            if (known != null) return known;
            SchemaNode node = new SchemaNode();
            referred.put(ref, node);
            boolean pointer = ref.equals("#") || ref.startsWith("#/");
            JsonNode there = pointer ? document.at(ref.substring(1)) : null;
            if (pointer && (there == null || there.isMissingNode()))
                throw new GuardException("the schema has no " + ref);
            if (there == null) node.others = ANYTHING; // an anchor: decided at the end
            else fill(node, there);
            return node;
        }
    }
}
