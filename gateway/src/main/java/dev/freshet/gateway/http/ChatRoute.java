package dev.freshet.gateway.http;

import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.Requests;
import dev.freshet.gateway.exchange.Exchanges;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpUtil;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// `POST /v1/chat/completions`, streamed and whole.
final class ChatRoute implements Route {
    /// Larger bodies are parsed elsewhere: a megabyte takes milliseconds, in which no token of this loop would
    /// move.
    private static final int PARSED_ON_LOOP = 256 << 10;

    private final Exchanges exchanges;
    private final int maxBody;
    private final Executor blocking;

    ChatRoute(Exchanges exchanges, int maxBody, Executor blocking) {
        this.exchanges = exchanges;
        this.maxBody = maxBody;
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
        if (request.header("Freshet-Guard") != null) {
            return Failure.invalid("Guards are not in this version; leave Freshet-Guard out.", "Freshet-Guard");
        }
        return null;
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

    private void begin(Request request, ChatRequest chat, Response response) {
        Answer answer = new Answer(chat.stream(), response);
        answer.follow(exchanges.begin(chat, request.bearer(), answer));
    }
}
