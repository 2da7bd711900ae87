package dev.freshet.gateway.dialect.openai;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads the answer to `GET /v1/models`. Source: OpenAI's API reference, "List models".
public final class ModelNames {
    private static final int MAX = 10_000;

    private ModelNames() {}

    /// The models' ids; none where the answer is not such a list. Gemini's `models/` before each is cut off.
    public static List<String> read(byte[] body) {
        List<String> names = new ArrayList<>();
        try (JsonParser parser = Json.parser(body, 0, body.length)) {
            int depth = 0;
            for (JsonToken token = parser.nextToken();
                    token != null && names.size() < MAX;
                    token = parser.nextToken()) {
                if (token.isStructStart()) depth++;
                if (token.isStructEnd()) depth--;
                // {"data": [{"id": …
                boolean id = depth == 3
                        && token == JsonToken.PROPERTY_NAME
                        && parser.currentName().equals("id");
                if (id && parser.nextToken() == JsonToken.VALUE_STRING)
                    names.add(parser.getString().replaceFirst("^models/", ""));
            }
            return names;
        } catch (JacksonException e) {
            return List.of();
        }
    }
}
