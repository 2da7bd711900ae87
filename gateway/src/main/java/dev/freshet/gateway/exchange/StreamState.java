package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.Errors;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.stream.StreamHead;
import java.io.ByteArrayOutputStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// A stream's state, as `GET /v1/streams/{id}` and the `end` event show it.
///
/// @param outcome null while it runs
/// @param ended in seconds since 1970; null while it runs
/// @param cursor the number of the last entry
record StreamState(
        StreamHead head,
        Attempts attempts,
        @Nullable Outcome outcome,
        @Nullable Long ended,
        long cursor,
        boolean durable) {
    private static final JsonFactory JSON = new JsonFactory();

    byte[] json() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeName("id").writeString(head.id().value());
            json.writeName("object").writeString("freshet.stream");
            json.writeName("state").writeString(word());
            json.writeName("created").writeNumber(head.created());
            json.writeName("ended");
            if (ended == null) json.writeNull();
            else json.writeNumber(ended);
            json.writeName("model").writeString(head.model());
            json.writeName("provider").writeString(attempts.provider());
            json.writeName("cursor").writeString(head.gen() + "-" + cursor);
            json.writeName("durable").writeBoolean(durable);
            attempts(json);
            json.writeName("usage");
            usage(json, attempts.usage());
            json.writeName("cost").writeNull();
            json.writeName("guard").writeStartArray().writeEndArray();
            json.writeName("error");
            if (outcome == null || outcome.failure() == null) json.writeNull();
            else Errors.write(json, outcome.failure());
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private String word() {
        return switch (outcome) {
            case null -> "running";
            case Outcome.Completed _ -> "completed";
            case Outcome.Cancelled _ -> "cancelled";
            case Outcome.Failed _ -> "failed";
        };
    }

    private void attempts(JsonGenerator json) {
        json.writeName("attempts").writeStartArray();
        Usage last = attempts.count() == 0 ? null : attempts.all().getLast().reported;
        for (Attempts.One one : attempts.all()) {
            json.writeStartObject();
            json.writeName("provider").writeString(one.provider);
            json.writeName("model").writeString(one.model);
            json.writeName("outcome").writeString(one.outcome);
            json.writeName("from").writeNumber(one.from);
            json.writeName("usage");
            usage(json, attempts.usage(one, last));
            json.writeName("cost").writeNull();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void usage(JsonGenerator json, @Nullable Usage usage) {
        if (usage == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeName("prompt_tokens").writeNumber(usage.prompt());
        json.writeName("completion_tokens").writeNumber(usage.completion());
        json.writeName("total_tokens").writeNumber(usage.total());
        json.writeName("source").writeString(usage.source().name().toLowerCase(Locale.ROOT));
        json.writeEndObject();
    }
}
