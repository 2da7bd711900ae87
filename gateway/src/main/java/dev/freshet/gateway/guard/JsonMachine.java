package dev.freshet.gateway.guard;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads one JSON value character by character, and says at which it goes wrong: as JSON, or against a schema.
/// Not thread-safe. Source: RFC 8259.
///
/// A parser that is fed with pieces would say the same later: it tells of a value when that is whole, and a
/// text where a number should be may be long.
final class JsonMachine {
    private static final int MOST_DEPTH = 128;
    private static final int MOST_OF_A_TOKEN = 4_096;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9]\\d*+)(\\.\\d++)?([eE][+-]?\\d++)?");
    private static final JsonMapper JSON = JsonMapper.shared();

    private enum Expects {
        VALUE,
        VALUE_OR_END,
        KEY,
        KEY_OR_END,
        COLON,
        COMMA_OR_END,
        NOTHING
    }

    private enum Token {
        NONE,
        STRING,
        KEY,
        NUMBER,
        WORD
    }

    private static final class Level {
        final SchemaNode schema;
        final boolean array;
        final Set<String> names = new HashSet<>();
        String name = "";
        int items;

        Level(SchemaNode schema, boolean array) {
            this.schema = schema;
            this.array = array;
        }
    }

    private final SchemaNode root;
    private final ArrayDeque<Level> levels = new ArrayDeque<>();
    private final StringBuilder token = new StringBuilder();
    private Expects expects = Expects.VALUE;
    private Token inside = Token.NONE;
    private SchemaNode value; // that the token is of
    private boolean escaped;
    private int hex; // digits of a \\u that are still to come
    private int characters;

    JsonMachine(SchemaNode root) {
        this.root = root.resolved();
        value = this.root;
    }

    static boolean blank(char c) {
        return c == ' ' || c == '\n' || c == '\t' || c == '\r';
    }

    /// Whether the value is whole, and nothing is to follow.
    boolean complete() {
        return expects == Expects.NOTHING && inside == Token.NONE;
    }

    Schema.@Nullable Wrong take(char c) {
        return switch (inside) {
            case STRING, KEY -> string(c);
            case NUMBER -> number(c);
            case WORD -> word(c);
            case NONE -> blank(c) ? null : structure(c);
        };
    }

    /// The text is over.
    Schema.@Nullable Wrong end() {
        if (inside == Token.NUMBER) {
            Schema.Wrong wrong = endOfNumber();
            if (wrong != null) return wrong;
        }
        return complete() ? null : wrong("it ends in the middle");
    }

    private Schema.@Nullable Wrong structure(char c) {
        return switch (expects) {
            case VALUE -> value(c);
            case VALUE_OR_END -> c == ']' ? close(c) : value(c);
            case KEY -> key(c);
            case KEY_OR_END -> c == '}' ? close(c) : key(c);
            case COLON -> {
                if (c != ':') yield wrong("expected `:`, found `" + c + "`");
                expects = Expects.VALUE;
                yield null;
            }
            case COMMA_OR_END -> c == ',' ? comma() : close(c);
            case NOTHING -> new Schema.Wrong("$", "something follows it");
        };
    }

    private Schema.@Nullable Wrong comma() {
        Level level = levels.getFirst();
        expects = level.array ? Expects.VALUE : Expects.KEY;
        return null;
    }

    private Schema.@Nullable Wrong key(char c) {
        if (c != '"') return wrong("expected a name in quotes, found `" + c + "`");
        begin(Token.KEY);
        return null;
    }

    private void begin(Token what) {
        inside = what;
        token.setLength(0);
        characters = 0;
    }

    private Schema.@Nullable Wrong value(char c) {
        Level level = levels.peekFirst();
        if (level != null && level.array && ++level.items > level.schema.mostItems)
            return wrong("it has more than " + level.schema.mostItems + " items");
        value = level == null ? root : level.array ? level.schema.item() : member(level);
        String type = type(c);
        if (type == null) return wrong("expected a JSON value, found `" + c + "`");
        if (!allows(type)) return wrong("expected " + String.join(" or ", value.types) + ", found " + type);
        if (value.nothing) return wrong("nothing is allowed here");
        switch (c) {
            case '{', '[' -> {
                if (levels.size() == MOST_DEPTH) return wrong("it is nested more than " + MOST_DEPTH + " deep");
                levels.push(new Level(value, c == '['));
                expects = c == '[' ? Expects.VALUE_OR_END : Expects.KEY_OR_END;
            }
            case '"' -> begin(Token.STRING);
            default -> {
                begin(type.equals("number") ? Token.NUMBER : Token.WORD);
                token.append(c);
            }
        }
        return null;
    }

    private static SchemaNode member(Level level) {
        SchemaNode member = level.schema.property(level.name);
        return member == null ? SchemaNode.ANYTHING : member;
    }

    private boolean allows(String type) {
        return value.types.isEmpty()
                || value.types.contains(type)
                || (type.equals("number") && value.types.contains("integer"));
    }

    private static @Nullable String type(char c) {
        return switch (c) {
            case '{' -> "object";
            case '[' -> "array";
            case '"' -> "string";
            case 't', 'f' -> "boolean";
            case 'n' -> "null";
            default -> c == '-' || digit(c) ? "number" : null;
        };
    }

    private Schema.@Nullable Wrong string(char c) {
        if (hex > 0) {
            if (Character.digit(c, 16) < 0) return wrong("`\\u` takes four hexadecimal digits");
            if (--hex > 0) return keep(c);
        } else if (escaped) {
            escaped = false;
            if ("\"\\/bfnrtu".indexOf(c) < 0) return wrong("`\\" + c + "` is no escape");
            if (c == 'u') hex = 4;
        } else if (c == '"') {
            return endOfString();
        } else if (c == '\\') {
            escaped = true;
            return keep(c);
        } else if (c < ' ') {
            return wrong("a line feed or control character in a string; write it as an escape");
        }
        if (hex == 0 && !Character.isLowSurrogate(c)) characters++;
        if (inside == Token.STRING && characters > value.mostCharacters)
            return wrong("it has more than " + value.mostCharacters + " characters");
        return keep(c);
    }

    private Schema.@Nullable Wrong keep(char c) {
        if (token.length() < MOST_OF_A_TOKEN) token.append(c);
        if (inside == Token.STRING && value.values != null && !begins(value.values, "\"" + token)) return notAllowed();
        return null;
    }

    private static boolean begins(Iterable<JsonNode> values, String token) {
        if (token.indexOf('\\') >= 0) return true; // decided when it is whole
        for (JsonNode one : values) if (one.isString() && ("\"" + one.asString() + "\"").startsWith(token)) return true;
        return false;
    }

    private Schema.@Nullable Wrong endOfString() {
        Token was = inside;
        inside = Token.NONE;
        boolean cut = token.length() == MOST_OF_A_TOKEN;
        if (was == Token.STRING) return cut ? endOfValue() : checked("\"" + token + "\"");
        String name = cut ? token.toString() : JSON.readValue("\"" + token + "\"", String.class);
        Level level = levels.getFirst();
        level.name = name;
        expects = Expects.COLON;
        if (!level.names.add(name)) return wrong("the name `" + name + "` stands there twice");
        return level.schema.property(name) == null ? wrong("there is no `" + name + "` in the schema") : null;
    }

    private Schema.@Nullable Wrong number(char c) {
        if (digit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-') {
            if (token.length() == MOST_OF_A_TOKEN) return wrong("a number of that length");
            token.append(c);
            boolean may = isNumber(token) || isNumber(token + "0");
            return may ? null : wrong("`" + token + "` is no number");
        }
        Schema.Wrong wrong = endOfNumber();
        return wrong == null ? take(c) : wrong;
    }

    private Schema.@Nullable Wrong endOfNumber() {
        inside = Token.NONE;
        String number = token.toString();
        if (!isNumber(number)) return wrong("`" + number + "` is no number");
        double amount = Double.parseDouble(number);
        boolean whole = amount == Math.rint(amount);
        if (!whole && value.types.contains("integer") && !value.types.contains("number"))
            return wrong("expected integer, found " + number);
        if (amount < value.minimum) return wrong(number + " is less than " + text(value.minimum));
        if (amount > value.maximum) return wrong(number + " is more than " + text(value.maximum));
        return checked(number);
    }

    private static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNumber(CharSequence text) {
        return NUMBER.matcher(text).matches();
    }

    private static String text(double bound) {
        return bound == Math.rint(bound) && Math.abs(bound) < 1e15
                ? String.valueOf((long) bound)
                : String.valueOf(bound);
    }

    private Schema.@Nullable Wrong word(char c) {
        token.append(c);
        String so = token.toString();
        for (String word : new String[] {"true", "false", "null"}) {
            if (!word.startsWith(so)) continue;
            if (!word.equals(so)) return null;
            inside = Token.NONE;
            return checked(so);
        }
        return wrong("`" + so + "` is no JSON");
    }

    private Schema.@Nullable Wrong checked(String json) {
        if (value.values == null) return endOfValue();
        JsonNode found = JSON.readTree(json);
        for (JsonNode one : value.values) if (equal(one, found)) return endOfValue();
        return notAllowed();
    }

    private static boolean equal(JsonNode one, JsonNode other) {
        if (one.isNumber() && other.isNumber()) return one.asDouble() == other.asDouble();
        return one.equals(other);
    }

    private Schema.Wrong notAllowed() {
        return wrong("expected one of " + value.values);
    }

    private Schema.@Nullable Wrong close(char c) {
        Level level = levels.peekFirst();
        if (level == null || c != (level.array ? ']' : '}'))
            return wrong("expected `,` or the end of " + (level != null && level.array ? "the list" : "the object")
                    + ", found `" + c + "`");
        levels.pop();
        for (String name : level.schema.required)
            if (!level.array && !level.names.contains(name)) return wrong("`" + name + "` is missing");
        return endOfValue();
    }

    private Schema.@Nullable Wrong endOfValue() {
        expects = levels.isEmpty() ? Expects.NOTHING : Expects.COMMA_OR_END;
        return null;
    }

    private Schema.Wrong wrong(String why) {
        StringBuilder path = new StringBuilder("$");
        levels.descendingIterator().forEachRemaining(level -> {
            if (level.array)
                path.append('[').append(Math.max(0, level.items - 1)).append(']');
            else if (!level.name.isEmpty()) path.append('.').append(level.name);
        });
        return new Schema.Wrong(path.toString(), why);
    }
}
