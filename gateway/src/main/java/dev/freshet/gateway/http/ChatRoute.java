package dev.freshet.gateway.http;

import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.Requests;
import dev.freshet.gateway.exchange.Asked;
import dev.freshet.gateway.exchange.Exchanges;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.stream.Claim;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpUtil;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `POST /v1/chat/completions`, streamed and whole.
final class ChatRoute implements Route {
    /// Larger bodies are parsed elsewhere: a megabyte takes milliseconds, in which no token of this loop would
    /// move.
    private static final int PARSED_ON_LOOP = 256 << 10;

    /// Units of `Freshet-Grace`, as in the configuration.
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    private static final Pattern TAG = Pattern.compile("[\\x21-\\x7e]{1,64}");
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");

    private final Exchanges exchanges;
    private final int maxBody;
    private final Duration headAfter;
    private final Executor blocking;

    ChatRoute(Exchanges exchanges, int maxBody, Duration headAfter, Executor blocking) {
        this.exchanges = exchanges;
        this.maxBody = maxBody;
        this.headAfter = headAfter;
        this.blocking = blocking;
    }

    /// A body that says JSON is also what no page of another's can send without a preflight.
    @Override
    public @Nullable Failure refusal(Request request) {
        CharSequence type = HttpUtil.getMimeType(String.valueOf(request.header(HttpHeaderNames.CONTENT_TYPE)));
        if (type == null
                || !HttpHeaderValues.APPLICATION_JSON.contentEqualsIgnoreCase(
                        type.toString().strip())) {
            return Failure.of(FailureCode.UNSUPPORTED_MEDIA_TYPE, "Send the body with Content-Type: application/json.");
        }
        return headers(request);
    }

    private static @Nullable Failure headers(Request request) {
        String ids = request.header("Freshet-Ids");
        if (ids != null && !ids.equals("1") && !ids.equals("0")) {
            return Failure.invalid("Freshet-Ids takes 1, for events with ids; or leave it out.", "Freshet-Ids");
        }
        String grace = request.header("Freshet-Grace");
        if (grace != null && !DURATION.matcher(grace).matches()) {
            return Failure.invalid("Freshet-Grace takes a duration like 250ms, 30s or 10m.", "Freshet-Grace");
        }
        String tag = request.header("Freshet-Tag");
        if (tag != null && !TAG.matcher(tag).matches()) {
            return Failure.invalid("Freshet-Tag takes 1 to 64 visible ASCII characters.", "Freshet-Tag");
        }
        String key = request.header("Idempotency-Key");
        if (key != null && !KEY.matcher(key).matches()) {
            return Failure.invalid(
                    "Idempotency-Key takes 1 to 255 visible ASCII characters; a random UUID will do.",
                    "Idempotency-Key");
        }
        return null;
    }

    private static @Nullable Duration grace(Request request) {
        String text = request.header("Freshet-Grace");
        if (text == null) return null;
        Matcher duration = DURATION.matcher(text);
        if (!duration.matches()) throw new IllegalStateException("the head was checked");
        long number = Long.parseLong(duration.group(1));
        return switch (duration.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    @Override
    public int maxBody() {
        return maxBody;
    }

    @Override
    public void serve(Request request, byte[] body, Response response) {
        if (body.length <= PARSED_ON_LOOP) {
            parsed(request, Requests.parse(body), response);
            return;
        }
        blocking.execute(() -> {
            Requests.Parsed parsed = Requests.parse(body);
            response.onLoop(() -> parsed(request, parsed, response));
        });
    }

    private void parsed(Request request, Requests.Parsed parsed, Response response) {
        if (response.over()) return;
        switch (parsed) {
            case Requests.Parsed.Bad bad -> response.fail(bad.failure());
            case Requests.Parsed.Good good -> begin(request, good.request(), response);
        }
    }

    private static Failure notAllowed() {
        return Failure.of(
                        FailureCode.FORBIDDEN,
                        "This key may not use this model; GET /v1/models lists those that it may.")
                .withParam("model");
    }

    private void begin(Request request, ChatRequest chat, Response response) {
        Caller caller = request.caller();
        if (!caller.allowance().allows(chat.model())) {
            response.fail(notAllowed());
            return;
        }
        Owner owner = caller.owner();
        boolean ids = "1".equals(request.header("Freshet-Ids"));
        String key = request.header("Idempotency-Key");
        String guards = request.header("Freshet-Guard");
        Claim claim = key == null ? null : Claim.of(owner, key, chat.bytes(), String.valueOf(guards));
        Answer.Form form = chat.stream() ? ids ? Answer.Form.NUMBERED : Answer.Form.PLAIN : Answer.Form.WHOLE;
        Answer answer = new Answer(form, response, exchanges.loop(), headAfter);
        Asked asked = new Asked(
                chat,
                request.foreignBearer(),
                caller,
                ids,
                grace(request),
                request.header("Freshet-Tag"),
                guards,
                claim);
        answer.follow(exchanges.begin(asked, answer));
    }
}
