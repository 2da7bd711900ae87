package dev.freshet.gateway.http;

import dev.freshet.gateway.access.BrowserToken;
import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.access.Tokens;
import dev.freshet.gateway.model.Failure;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// `POST /v1/tokens`: a key makes a token of minutes for a browser, narrower than itself.
final class TokensRoute implements Route {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_BODY = 8 << 10;
    private static final int MAX_MODELS = 32;
    private static final int MAX_NAME = 100;
    private static final Pattern MONEY = Pattern.compile("\\d{1,6}(\\.\\d{1,9})?usd");
    private static final int NANO_DIGITS = 9;
    private static final Duration USUAL = Duration.ofMinutes(10);
    private static final Duration LONGEST = Duration.ofHours(1);

    private final Tokens tokens;

    TokensRoute(Tokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public Role role() {
        return Role.KEY_ITSELF;
    }

    @Override
    public int maxBody() {
        return MAX_BODY;
    }

    /// What was asked for.
    private static final class Wish {
        private final List<String> models = new ArrayList<>();
        private @Nullable String origin;
        private @Nullable Long budget;
        private long seconds = USUAL.toSeconds();
        private @Nullable Failure failure;

        private void wrong(String message, @Nullable String param) {
            if (failure == null) failure = Failure.invalid(message, param);
        }
    }

    @Override
    public void serve(Request request, byte[] body, Response response) {
        Caller caller = request.caller();
        if (caller.key() == null) {
            response.fail(Failure.invalid("This gateway asks for no key, so a browser needs no token.", null));
            return;
        }
        Wish wish = read(body);
        for (String model : wish.models) {
            if (!model.contains("*") && !caller.allowance().allows(model))
                wish.wrong("This key may not use the model " + model + ", so no token of it may.", "models");
            if (model.contains("*")
                    && !caller.allowance().models().isEmpty()
                    && !caller.allowance().models().contains(model))
                wish.wrong("A name with a star is allowed only as the key has it.", "models");
        }
        if (wish.failure != null) {
            response.fail(wish.failure);
            return;
        }
        long expires = tokens.now() + wish.seconds;
        String token = tokens.issue(caller, new BrowserToken(wish.models, wish.origin, expires, wish.budget));
        response.json(200, answer(token, expires));
    }

    private static byte[] answer(String token, long expires) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeName("object").writeString("freshet.token");
            json.writeName("token").writeString(token);
            json.writeName("expires").writeNumber(expires);
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static Wish read(byte[] body) {
        Wish wish = new Wish();
        if (body.length == 0) return wish;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                wish.wrong("The body is not a JSON object.", null);
                return wish;
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) member(parser, wish);
        } catch (JacksonException e) {
            wish.wrong("The body is not JSON; check for missing quotes, commas and brackets.", null);
        }
        return wish;
    }

    private static void member(JsonParser parser, Wish wish) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (name) {
            case "models" -> models(parser, value, wish);
            case "origin" -> origin(value == JsonToken.VALUE_STRING ? parser.getString() : "", wish);
            case "expires_in" -> {
                long seconds = value == JsonToken.VALUE_NUMBER_INT ? parser.getValueAsLong(0) : 0;
                if (seconds < 1 || seconds > LONGEST.toSeconds())
                    wish.wrong("`expires_in` is a number of seconds from 1 to " + LONGEST.toSeconds() + ".", name);
                wish.seconds = seconds;
            }
            case "budget" -> budget(value == JsonToken.VALUE_STRING ? parser.getString() : "", wish);
            default ->
                wish.wrong(
                        "There is no member `" + name.replaceAll("[^\\x21-\\x7e]", "?")
                                + "`; there are: models, origin, budget, expires_in.",
                        null);
        }
    }

    private static void models(JsonParser parser, JsonToken value, Wish wish) {
        if (value != JsonToken.START_ARRAY) {
            wish.wrong("`models` is a list of models' names.", "models");
            return;
        }
        while (parser.nextToken() == JsonToken.VALUE_STRING) {
            String model = parser.getString();
            if (model.isBlank() || model.length() > MAX_NAME || wish.models.size() == MAX_MODELS)
                wish.wrong(
                        "`models` has up to " + MAX_MODELS + " names of up to " + MAX_NAME + " characters.", "models");
            else wish.models.add(model);
        }
        if (parser.currentToken() != JsonToken.END_ARRAY) wish.wrong("`models` is a list of models' names.", "models");
    }

    /// An amount as the configuration has it.
    private static void budget(String text, Wish wish) {
        if (!MONEY.matcher(text).matches()) {
            wish.wrong("`budget` is an amount for the token's whole life, like \"0.05usd\".", "budget");
            return;
        }
        wish.budget = new BigDecimal(text.substring(0, text.length() - 3))
                .movePointRight(NANO_DIGITS)
                .longValue();
    }

    private static void origin(String text, Wish wish) {
        try {
            URI uri = new URI(text);
            boolean bare = uri.getScheme() != null
                    && uri.getHost() != null
                    && uri.getRawPath().isEmpty()
                    && uri.getRawQuery() == null;
            if (bare && text.length() <= MAX_NAME) {
                wish.origin = text;
                return;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        wish.wrong("`origin` is a page's origin, like https://app.example.com.", "origin");
    }
}
