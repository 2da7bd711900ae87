package dev.freshet.gateway.http;

import dev.freshet.gateway.model.Estimate;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// What rules saved and cost, as JSON: of `GET /v1/usage?savings=1`, and of the command. Stateless.
public final class SavingsJson {
    private SavingsJson() {}

    /// An array with a row for each rule and model.
    public static void write(JsonGenerator json, Map<SavedBy, Saved> all) {
        json.writeStartArray();
        all.forEach((by, saved) -> row(json, by, saved));
        json.writeEndArray();
    }

    private static void row(JsonGenerator json, SavedBy by, Saved saved) {
        json.writeStartObject();
        json.writeName("rule").writeString(by.rule());
        json.writeName("model").writeString(by.model());
        json.writeName("stops").writeNumber(saved.stops());
        json.writeName("uncredited_stops").writeNumber(saved.uncredited());
        json.writeName("holdout").writeStartObject();
        json.writeName("held").writeNumber(saved.held());
        json.writeName("n").writeNumber(saved.tokens().n());
        json.writeName("tokens").writeNumber((long) saved.tokens().sum());
        json.writeName("nano_usd").writeNumber((long) saved.nanoUsd().sum());
        json.writeName("judge_mistaken").writeNumber(saved.mistaken());
        json.writeEndObject();
        calls(json, "retries", saved.retries());
        calls(json, "judges", saved.judges());
        json.writeName("unknown").writeNumber(saved.unknown());
        estimate(json, "avoided_tokens", saved.avoidedTokens());
        estimate(json, "avoided_nano_usd", saved.avoidedNanoUsd());
        estimate(json, "net_nano_usd", saved.net());
        json.writeName("pays").writeString(saved.pays().word());
        json.writeEndObject();
    }

    private static void calls(JsonGenerator json, String name, Saved.Calls calls) {
        json.writeName(name).writeStartObject();
        json.writeName("count").writeNumber(calls.count());
        json.writeName("tokens").writeNumber(calls.tokens());
        json.writeName("nano_usd").writeNumber(calls.nanoUsd());
        json.writeEndObject();
    }

    /// Null where it is not estimated.
    private static void estimate(JsonGenerator json, String name, @Nullable Estimate estimate) {
        json.writeName(name);
        if (estimate == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeName("mean").writeNumber(Math.round(estimate.mean()));
        json.writeName("low").writeNumber(Math.round(estimate.low()));
        json.writeName("high").writeNumber(Math.round(estimate.high()));
        json.writeEndObject();
    }
}
