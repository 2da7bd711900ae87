package dev.freshet.gateway.guard;

import org.jspecify.annotations.Nullable;

/// `json`: the text must be one JSON value, from the first character on, and valid against a schema where
/// there is one. What can be known before the end is said there and then; the rest at the end.
public final class Json implements Check {
    /// A longer text is not looked at as a whole, at its end.
    private static final int MOST_KEPT = 256 << 10;

    private static final String FENCE = "```";

    private final @Nullable Schema schema;
    private final boolean fences;

    /// @param fences whether the value may stand in a fence of Markdown's
    public Json(@Nullable Schema schema, boolean fences) {
        this.schema = schema;
        this.fences = fences;
    }

    @Override
    public Detector detector() {
        return new Prefix();
    }

    /// Where in the text, as far as fences go.
    private enum Part {
        BEFORE,
        FENCE_LINE,
        VALUE,
        AFTER
    }

    private final class Prefix implements Detector {
        private final JsonMachine machine = new JsonMachine(schema == null ? SchemaNode.ANYTHING : schema.root());
        private final StringBuilder text = new StringBuilder();
        private Part part = Part.BEFORE;
        private int fence; // its characters so far
        private boolean fenced;
        private int seen;

        @Override
        public @Nullable Match add(CharSequence piece) {
            for (int i = 0; i < piece.length(); i++) {
                seen++;
                Schema.Wrong wrong = take(piece.charAt(i));
                if (wrong != null) return new Match(seen - 1, seen, seen, wrong.path(), wrong.why());
            }
            return null;
        }

        private Schema.@Nullable Wrong take(char c) {
            return switch (part) {
                case BEFORE -> before(c);
                case FENCE_LINE -> {
                    if (c == '\n') part = Part.VALUE;
                    yield null;
                }
                case VALUE -> value(c);
                case AFTER -> after(c);
            };
        }

        private Schema.@Nullable Wrong before(char c) {
            if (c == '`' && fences) {
                if (++fence == FENCE.length()) part = Part.FENCE_LINE;
                fenced = true;
                return null;
            }
            if (c == '`') return new Schema.Wrong("$", "it stands in a fence, and must not");
            if (fence > 0) return new Schema.Wrong("$", "it begins with a backquote");
            if (!JsonMachine.blank(c)) part = Part.VALUE;
            return value(c);
        }

        private Schema.@Nullable Wrong value(char c) {
            if (schema != null && text.length() <= MOST_KEPT) text.append(c);
            Schema.Wrong wrong = machine.take(c);
            if (wrong != null && machine.complete() && fenced && c == '`') {
                text.setLength(Math.max(0, text.length() - 1));
                fence = 1;
                part = Part.AFTER;
                return null;
            }
            return wrong;
        }

        private Schema.@Nullable Wrong after(char c) {
            if (c == '`' && fence++ < FENCE.length()) return null;
            return JsonMachine.blank(c) ? null : new Schema.Wrong("$", "something follows it");
        }

        @Override
        public @Nullable Match end() {
            Schema.Wrong wrong = machine.end();
            if (wrong == null && schema != null && text.length() <= MOST_KEPT) wrong = schema.wrong(text.toString());
            return wrong == null ? null : new Match(seen, seen, seen, wrong.path(), wrong.why());
        }
    }
}
