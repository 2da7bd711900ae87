package dev.freshet.simulator;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// A request for a chat completion, as far as the simulator looks at it.
///
/// @param prompt the text of the last user message; empty where there is none
/// @param prefix the beginning of the answer, which is to be gone on with: the last message's text, where
/// it is an assistant's and marked with `prefix` or `partial`, or where `continue_final_message` is set, or
/// the assistant's last, where the user then says to continue it; else empty
/// @param promptTokens counted at four characters a token
/// @param maxTokens where the answer is cut; [Integer#MAX_VALUE] where it is not
public record ChatCall(
        String model,
        boolean stream,
        boolean includeUsage,
        int choices,
        int maxTokens,
        String prompt,
        String prefix,
        int promptTokens,
        Brought brought) {
    /// What it brings besides text.
    ///
    /// @param tools the names of the functions that may be called
    /// @param result what a tool gave, where the last message is a tool's; else empty
    /// @param pictures how many the last user message has
    public record Brought(List<String> tools, String result, int pictures) {
        /// Nothing.
        public static final Brought NOTHING = new Brought(List.of(), "", 0);
    }

    /// What chat pages say for somebody who wants the rest of an answer.
    private static final String GO_ON = "Continue exactly where you stopped";

    private static final JsonFactory JSON = new JsonFactory();
    static final int MAX_CHOICES = 8;

    /// A body that can not be served; the message says why.
    static final class BadCall extends Exception {
        private static final long serialVersionUID = 1;

        @SuppressWarnings("serial") // never serialised
        final @Nullable String param;

        BadCall(String message, @Nullable String param) {
            super(message);
            this.param = param;
        }
    }

    static ChatCall parse(byte[] body) throws BadCall {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
            return new Reader(parser).call();
        } catch (JacksonException e) {
            throw new BadCall("We could not parse the JSON body of your request.", null);
        }
    }

    private static final class Reader {
        private final JsonParser parser;
        private @Nullable String model;
        private boolean stream;
        private boolean includeUsage;
        private int choices = 1;
        private int maxTokens = Integer.MAX_VALUE;
        private boolean messages;
        private String role = "";
        private String text = "";
        private String prompt = "";
        private String said = "";
        private boolean goOn;
        private boolean marked;
        private boolean continueFinal;
        private final List<String> tools = new ArrayList<>();
        private String result = "";
        private int pictures;
        private long characters;

        Reader(JsonParser parser) {
            this.parser = parser;
        }

        ChatCall call() throws BadCall {
            if (parser.nextToken() != JsonToken.START_OBJECT)
                throw new BadCall("The body must be a JSON object.", null);
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) member(parser.currentName());
            if (model == null || model.isBlank()) throw new BadCall("you must provide a model parameter", "model");
            if (!messages) throw new BadCall("Missing required parameter: 'messages'.", "messages");
            if (choices < 1 || choices > MAX_CHOICES) throw new BadCall("'n' must be from 1 to 8.", "n");
            int promptTokens = (int) Math.min(Integer.MAX_VALUE, (characters + 3) / 4);
            boolean marksIt = role.equals("assistant") && (marked || continueFinal);
            String prefix = marksIt || goOn ? said : "";
            return new ChatCall(
                    model,
                    stream,
                    includeUsage,
                    choices,
                    maxTokens,
                    prompt,
                    prefix,
                    promptTokens,
                    new Brought(List.copyOf(tools), result, pictures));
        }

        private void member(String name) {
            JsonToken value = parser.nextToken();
            switch (name) {
                case "model" -> model = value == JsonToken.VALUE_STRING ? parser.getString() : null;
                case "stream" -> stream = value == JsonToken.VALUE_TRUE;
                case "n" -> choices = value == JsonToken.VALUE_NUMBER_INT ? parser.getValueAsInt(0) : 1;
                case "max_tokens", "max_completion_tokens" -> {
                    if (value == JsonToken.VALUE_NUMBER_INT) maxTokens = Math.max(1, parser.getValueAsInt(1));
                }
                case "stream_options" -> options(value);
                case "messages" -> messages(value);
                case "tools" -> tools(value);
                case "continue_final_message" -> continueFinal = value == JsonToken.VALUE_TRUE;
                default -> parser.skipChildren();
            }
        }

        private void options(JsonToken value) {
            if (value != JsonToken.START_OBJECT) return;
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean usage = parser.currentName().equals("include_usage");
                JsonToken option = parser.nextToken();
                if (usage) includeUsage = option == JsonToken.VALUE_TRUE;
                parser.skipChildren();
            }
        }

        /// The names of the functions, wherever their other members stand.
        private void tools(JsonToken value) {
            int depth = value.isStructStart() ? 1 : 0;
            boolean function = false;
            while (depth > 0) {
                JsonToken token = parser.nextToken();
                if (token == null) return;
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (token != JsonToken.PROPERTY_NAME) continue;
                if (depth == 2) function = parser.currentName().equals("function");
                boolean name = function && depth == 3 && parser.currentName().equals("name");
                if (name && parser.nextToken() == JsonToken.VALUE_STRING) tools.add(parser.getString());
            }
        }

        private void messages(JsonToken value) {
            messages = value == JsonToken.START_ARRAY;
            if (!messages) {
                parser.skipChildren();
                return;
            }
            while (parser.nextToken() == JsonToken.START_OBJECT) message();
        }

        private void message() {
            role = "";
            text = "";
            marked = false;
            int shown = 0;
            List<String> parts = new ArrayList<>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("role") && value == JsonToken.VALUE_STRING) role = parser.getString();
                else if (name.equals("content") && value == JsonToken.VALUE_STRING) parts.add(parser.getString());
                else if (name.equals("content") && value == JsonToken.START_ARRAY) shown = parts(parts);
                else if (name.equals("prefix") || name.equals("partial")) marked |= value == JsonToken.VALUE_TRUE;
                else parser.skipChildren();
            }
            text = String.join("\n", parts);
            characters += text.length();
            if (role.equals("assistant")) said = text;
            goOn = role.equals("user") && !said.isEmpty() && text.startsWith(GO_ON);
            if (role.equals("user") && !goOn) prompt = text;
            if (role.equals("user")) pictures = shown;
            result = role.equals("tool") ? text : "";
        }

        /// @return how many of them are pictures
        private int parts(List<String> found) {
            int pictures = 0;
            for (int depth = 1; depth > 0; ) {
                JsonToken token = parser.nextToken();
                if (token == null) return pictures;
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                if (token != JsonToken.PROPERTY_NAME) continue;
                if (depth == 2 && parser.currentName().equals("image_url")) pictures++;
                boolean text = parser.currentName().equals("text");
                if (text && parser.nextToken() == JsonToken.VALUE_STRING) found.add(parser.getString());
            }
            return pictures;
        }
    }
}
