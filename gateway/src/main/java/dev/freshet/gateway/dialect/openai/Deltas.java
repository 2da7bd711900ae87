package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Channel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Tells what each chunk of an answer says, channel by channel. Chunks that are alike are read without a
/// parser. Not thread-safe; one for each attempt.
public final class Deltas {
    /// More choices and calls than any provider gives; a larger index is taken for this one.
    private static final int MOST = 1_023;

    private final Sink sink;
    private final BitSet choices = new BitSet(1);
    private final BitSet finished = new BitSet(1);
    private final List<Integer> justFinished = new ArrayList<>(1);
    private final StringBuilder text = new StringBuilder();
    private @Nullable ChunkShape shape; // of the chunks that are one text and little else, as most are
    private int choice; // of the last text
    private Channel channel = Channel.VISIBLE;
    private int texts;
    private boolean cutShort;
    private boolean probable; // the last chunk said how probable its tokens are

    /// Told of the pieces.
    @FunctionalInterface
    public interface Sink {
        /// @param call which of a choice's calls; 0 for other channels
        /// @param piece valid during the call only; not empty
        void delta(int choice, Channel channel, int call, CharSequence piece);

        /// What the provider says of a token of the answer, behind the text that it is part of.
        ///
        /// @param characters of the token
        default void token(int choice, double logprob, int characters) {}
    }

    public Deltas(Sink sink) {
        this.sink = sink;
    }

    /// The choices that the last event ended.
    public List<Integer> justFinished() {
        return justFinished;
    }

    /// Reads the next event's data; what is no JSON says nothing, and what is not UTF-8 is replaced.
    public void read(byte[] array, int offset, int length) {
        if (!justFinished.isEmpty()) justFinished.clear();
        if (shape != null && shape.matches(array, offset, length)) {
            text.setLength(0);
            JsonText.unescape(array, offset + shape.before(), offset + length - shape.behind(), text);
            sink.delta(choice, channel, 0, text);
            return;
        }
        texts = 0;
        probable = false;
        if (parse(array, offset, length)) {
            shape = texts == 1 && !probable && channel != Channel.TOOL_ARGUMENTS
                    ? ChunkShape.of(array, offset, length)
                    : null;
            return;
        }
        byte[] mended = new String(array, offset, length, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        parse(mended, 0, mended.length);
    }

    private boolean parse(byte[] array, int offset, int length) {
        try (JsonParser parser = Json.parser(array, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) return true;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean inside = parser.currentName().equals("choices");
                JsonToken value = parser.nextToken();
                if (inside && value == JsonToken.START_ARRAY) {
                    while (parser.nextToken() == JsonToken.START_OBJECT) new Choice(parser).read();
                } else {
                    ChatStream.skip(parser, value);
                }
            }
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }

    /// The choices that were seen.
    public BitSet choices() {
        return (BitSet) choices.clone();
    }

    /// Whether a choice ended because its tokens were used up.
    public boolean cutShort() {
        return cutShort;
    }

    /// One choice of a chunk. Its index may come behind its delta, so its pieces are told at its end.
    private final class Choice {
        private final JsonParser parser;
        private final List<Piece> pieces = new ArrayList<>(1);
        private final List<Token> tokens = new ArrayList<>(0);
        private int index;
        private boolean ends;

        private record Token(double logprob, int characters) {}

        private record Piece(Channel channel, int call, String text) {}

        Choice(JsonParser parser) {
            this.parser = parser;
        }

        void read() {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "index" -> index = Math.clamp(parser.getValueAsInt(0), 0, MOST);
                    case "finish_reason" -> finish(value);
                    case "delta" -> delta(value);
                    case "logprobs" -> logprobs(value);
                    default -> ChatStream.skip(parser, value);
                }
            }
            choices.set(index);
            if (ends && !finished.get(index)) justFinished.add(index);
            if (ends) finished.set(index);
            for (Piece piece : pieces) {
                texts++;
                choice = index;
                channel = piece.channel();
                sink.delta(index, piece.channel(), piece.call(), piece.text());
            }
            for (Token token : tokens) sink.token(index, token.logprob(), token.characters());
        }

        /// `{"content": [{"token": …, "logprob": …}, …]}`.
        private void logprobs(JsonToken start) {
            if (start != JsonToken.START_OBJECT) return;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean content = parser.currentName().equals("content");
                JsonToken value = parser.nextToken();
                if (!content || value != JsonToken.START_ARRAY) ChatStream.skip(parser, value);
                else while (parser.nextToken() == JsonToken.START_OBJECT) token();
            }
        }

        private void token() {
            probable = true;
            Double logprob = null;
            int characters = 0;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("logprob") && value.isNumeric()) logprob = parser.getDoubleValue();
                else if (name.equals("token") && value == JsonToken.VALUE_STRING) characters = parser.getStringLength();
                else ChatStream.skip(parser, value);
            }
            if (logprob != null) tokens.add(new Token(logprob, characters));
        }

        private void finish(JsonToken value) {
            ends = value == JsonToken.VALUE_STRING;
            cutShort |= ends && parser.getString().equals("length");
        }

        private void delta(JsonToken start) {
            if (start != JsonToken.START_OBJECT) return;
            boolean thinks = false;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "content", "refusal" -> strings(Channel.VISIBLE, value);
                    case "reasoning", "reasoning_content" -> {
                        if (!thinks) strings(Channel.REASONING, value); // some send both, alike
                        else ChatStream.skip(parser, value);
                        thinks = true;
                    }
                    case "tool_calls" -> calls(value);
                    case "function_call" -> call(value, 0);
                    default -> ChatStream.skip(parser, value);
                }
            }
        }

        private void piece(Channel of, int call) {
            if (parser.getStringLength() > 0) pieces.add(new Piece(of, call, parser.getString()));
        }

        /// A text; or a list of parts, whose texts count.
        private void strings(Channel of, JsonToken value) {
            if (value == JsonToken.VALUE_STRING) piece(of, 0);
            if (!value.isStructStart()) return;
            boolean text = false;
            for (int depth = 1; depth > 0; ) {
                JsonToken token = parser.nextToken();
                if (token == null) return;
                if (token == JsonToken.PROPERTY_NAME)
                    text = parser.currentName().equals("text");
                else if (token.isStructStart()) depth++;
                else if (token.isStructEnd()) depth--;
                else if (token == JsonToken.VALUE_STRING && text) piece(of, 0);
            }
        }

        private void calls(JsonToken value) {
            if (value != JsonToken.START_ARRAY) return;
            int place = 0;
            while (parser.nextToken() == JsonToken.START_OBJECT) call(JsonToken.START_OBJECT, place++);
        }

        private void call(JsonToken start, int place) {
            if (start != JsonToken.START_OBJECT) return;
            int at = place;
            int before = pieces.size();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("index")) at = Math.clamp(parser.getValueAsInt(place), 0, MOST);
                else if (name.equals("arguments") && value == JsonToken.VALUE_STRING) piece(Channel.TOOL_ARGUMENTS, at);
                else if (name.equals("function")) call(value, place);
                else ChatStream.skip(parser, value);
            }
            for (int i = before; i < pieces.size(); i++) {
                Piece piece = pieces.get(i);
                pieces.set(i, new Piece(piece.channel(), at, piece.text()));
            }
        }
    }
}
