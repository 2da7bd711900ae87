package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.Errors;
import dev.freshet.gateway.dialect.openai.Usages;
import dev.freshet.gateway.model.Outcome;
import dev.freshet.gateway.model.Usage;
import dev.freshet.gateway.stream.StreamHead;
import java.io.ByteArrayOutputStream;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// A stream's state, as `GET /v1/streams/{id}` and the `end` event show it.
///
/// @param notes of what guards did
/// @param usage of all attempts; null where that is not known
/// @param cost of all attempts, in nano-dollars; null where that is not known
/// @param outcome null while it runs
/// @param ended in seconds since 1970; null while it runs
/// @param cursor the number of the last entry
record StreamState(
        StreamHead head,
        Attempts attempts,
        List<GuardNote> notes,
        @Nullable Usage usage,
        @Nullable Long cost,
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
            json.writeName("attempts");
            attempts(json, attempts);
            usage(json, usage);
            cost(json, cost);
            json.writeName("guard");
            notes(json, notes);
            json.writeName("error");
            if (outcome == null || outcome.failure() == null) json.writeNull();
            else Errors.write(json, outcome.failure(), usage);
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

    /// The attempts and what guards did, as JSON.
    static String detail(Attempts attempts, List<GuardNote> notes) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeName("attempts");
            attempts(json, attempts);
            json.writeName("guard");
            notes(json, notes);
            json.writeEndObject();
        }
        return out.toString();
    }

    static void notes(JsonGenerator json, List<GuardNote> notes) {
        json.writeStartArray();
        for (GuardNote note : notes) note.write(json);
        json.writeEndArray();
    }

    private static void attempts(JsonGenerator json, Attempts attempts) {
        json.writeStartArray();
        for (Attempts.One one : attempts.all()) {
            boolean running = one.outcome.equals(Attempts.RUNNING);
            json.writeStartObject();
            json.writeName("provider").writeString(one.served.provider());
            json.writeName("model").writeString(one.served.model());
            json.writeName("outcome").writeString(one.outcome);
            json.writeName("from").writeNumber(one.from);
            usage(json, running ? one.reported : one.charged);
            cost(json, running ? null : one.cost);
            if (one.atRisk) json.writeName("at_risk").writeBoolean(true);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void usage(JsonGenerator json, @Nullable Usage usage) {
        json.writeName("usage");
        if (usage == null) json.writeNull();
        else Usages.write(json, usage);
    }

    private static void cost(JsonGenerator json, @Nullable Long nanoUsd) {
        json.writeName("cost");
        if (nanoUsd == null) {
            json.writeNull();
        } else {
            json.writeStartObject();
            json.writeName("nano_usd").writeNumber(nanoUsd);
            json.writeEndObject();
        }
    }
}
