package dev.freshet.gateway.guard;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.regex.RegularExpression;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A JSON schema: what of it can be decided while a text comes ([SchemaNode]), and all of it at the text's end.
/// Immutable.
///
/// Draft 2020-12 where it names no other. It refers to itself only, never to files or addresses; its
/// patterns are RE2's. Source: json-schema.org/draft/2020-12.
public final class Schema {
    private static final int MOST_CHARACTERS = 256 << 10;
    private static final int MOST_OF_A_PATTERN = 1_000;
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemaCacheEnabled(false)
                    .schemaRegistryConfig(SchemaRegistryConfig.builder()
                            .regularExpressionFactory(Schema::expression)
                            .failFast(true)
                            .build()));

    private final com.networknt.schema.Schema all;
    private final SchemaNode root;

    /// @param json the schema's own text
    /// @throws GuardException where it is none that can be used
    public Schema(String json) {
        if (json.length() > MOST_CHARACTERS)
            throw new GuardException("a schema is at most " + MOST_CHARACTERS + " characters");
        try {
            JsonNode node = JSON.readTree(json);
            if (!node.isObject()) throw new GuardException("a schema is a JSON object");
            refuseForeign(node);
            root = SchemaNode.of(node);
            all = REGISTRY.getSchema(node);
            for (String text : List.of("null", "1", "\"\"", "[]", "{}")) all.validate(text, InputFormat.JSON);
        } catch (JacksonException e) {
            throw new GuardException("the schema is not JSON: " + e.getOriginalMessage());
        } catch (SchemaException e) {
            // With a cause, the message is that of another library's exception, with its class.
            throw new GuardException("the schema cannot be used: "
                    + (e.getCause() == null ? e.getMessage() : "a keyword's value is of the wrong kind"));
        } catch (StackOverflowError e) {
            throw new GuardException("the schema refers to itself without end");
        }
    }

    private static void refuseForeign(JsonNode node) {
        for (String word : List.of("$ref", "$dynamicRef", "$recursiveRef")) {
            JsonNode ref = node.get(word);
            if (ref != null && ref.isString() && !ref.asString().startsWith("#"))
                throw new GuardException(
                        "a schema refers to its own parts only (`#/…`); bring in what is at " + ref.asString());
        }
        JsonNode dialect = node.get("$schema");
        if (dialect != null
                && dialect.isString()
                && SpecificationVersion.fromDialectId(dialect.asString()).isEmpty())
            throw new GuardException("`$schema` names no draft that is known; leave it out for 2020-12");
        if (node.path("pattern").isString()) expression(node.path("pattern").asString());
        node.path("patternProperties").propertyNames().forEach(Schema::expression);
        for (JsonNode child : node) refuseForeign(child);
    }

    private static RegularExpression expression(String pattern) {
        try {
            if (pattern.length() > MOST_OF_A_PATTERN || ExpressionSize.of(pattern) > MOST_OF_A_PATTERN)
                throw new GuardException("a pattern in the schema is too large");
            Pattern compiled = Pattern.compile(pattern);
            return text -> compiled.matcher(text).find();
        } catch (PatternSyntaxException e) {
            throw new GuardException("a pattern in the schema is not one of RE2's: " + e.getDescription());
        }
    }

    SchemaNode root() {
        return root;
    }

    /// What is wrong with a whole text, which is JSON.
    ///
    /// @return null where nothing is
    @Nullable
    Wrong wrong(String json) {
        List<com.networknt.schema.Error> errors = all.validate(json, InputFormat.JSON);
        if (errors.isEmpty()) return null;
        com.networknt.schema.Error first = errors.getFirst();
        String pointer = String.valueOf(first.getInstanceLocation());
        return new Wrong(pointer.startsWith("$") ? pointer : "$" + pointer.replace('/', '.'), first.getMessage());
    }

    /// @param path like `$.items[0].price`
    record Wrong(String path, String why) {}
}
