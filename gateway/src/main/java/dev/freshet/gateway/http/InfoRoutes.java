package dev.freshet.gateway.http;

import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.access.Callers;
import dev.freshet.gateway.exchange.Exchanges;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// The small routes: models, health, metrics.
final class InfoRoutes {
    private static final JsonFactory JSON = new JsonFactory();
    private static final byte[] OK = "{\"status\":\"ok\"}".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOT_READY = "{\"status\":\"draining\"}".getBytes(StandardCharsets.US_ASCII);

    private InfoRoutes() {}

    /// `GET /v1/models`, as OpenAI's "List models"; what a model reads is said as OpenRouter says it.
    static Route models(Exchanges exchanges) {
        return (request, _, response) -> {
            Caller caller = request.caller();
            response.json(
                    200,
                    list(
                            exchanges.models().stream()
                                    .filter(caller.allowance()::allows)
                                    .toList(),
                            exchanges::takes));
        };
    }

    private static byte[] list(List<String> models, Function<String, List<String>> takes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeName("object").writeString("list");
            json.writeName("data").writeStartArray();
            for (String model : models) {
                int slash = model.indexOf('/');
                json.writeStartObject();
                json.writeName("id").writeString(model);
                json.writeName("object").writeString("model");
                json.writeName("created").writeNumber(0);
                json.writeName("owned_by").writeString(slash < 1 ? "freshet" : model.substring(0, slash));
                modalities(json, takes.apply(model));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    /// Left out where they are not known.
    private static void modalities(JsonGenerator json, List<String> takes) {
        if (takes.isEmpty()) return;
        json.writeName("architecture").writeStartObject();
        json.writeName("input_modalities").writeStartArray().writeString("text");
        for (String one : takes) if (!one.equals("text")) json.writeString(one);
        json.writeEndArray().writeEndObject();
    }

    /// A route that shows nothing of anybody's.
    private static Route open(Route route) {
        return new Route() {
            @Override
            public Role role() {
                return Role.ANYONE;
            }

            @Override
            public void serve(Request request, byte[] body, Response response) {
                route.serve(request, body, response);
            }
        };
    }

    static Route live() {
        return open((_, _, response) -> response.json(200, OK));
    }

    static Route ready(BooleanSupplier ready) {
        return open((_, _, response) -> {
            boolean yes = ready.getAsBoolean();
            response.json(yes ? 200 : 503, yes ? OK : NOT_READY);
        });
    }

    /// By key, where keys are asked for; else for this machine only.
    static Route metrics(Supplier<String> prometheus, Callers callers) {
        return new Route() {
            @Override
            public @Nullable Failure refusal(Request request) {
                if (request.fromHere() || callers.askForKeys()) return null;
                return Failure.of(FailureCode.FORBIDDEN, "Metrics are for this machine only; ask from there.");
            }

            @Override
            public void serve(Request request, byte[] body, Response response) {
                byte[] text = prometheus.get().getBytes(StandardCharsets.UTF_8);
                response.whole(200, "text/plain; version=0.0.4; charset=utf-8", text);
            }
        };
    }
}
