package dev.freshet.gateway.exchange;

import dev.freshet.gateway.guard.Stop;
import tools.jackson.core.JsonGenerator;

/// What a guard did, as reports show it. Immutable.
///
/// @param attempt the number of the attempt that it was about, from 1
/// @param action retried, truncated, failed or passed
record GuardNote(Stop stop, int attempt, String action) {
    /// The label for metrics: configured names only.
    String rule() {
        return stop.guard().label(stop.rule());
    }

    void write(JsonGenerator json) {
        json.writeStartObject();
        json.writeName("rule").writeString(stop.rule());
        json.writeName("guard").writeString(stop.guard().name());
        json.writeName("channel").writeString(stop.channel().word());
        json.writeName("match").writeString(stop.words());
        json.writeName("at").writeNumber(stop.match().from());
        if (stop.match().path() != null)
            json.writeName("path").writeString(stop.match().path());
        json.writeName("why").writeString(stop.match().why());
        json.writeName("action").writeString(action);
        json.writeName("attempt").writeNumber(attempt);
        json.writeEndObject();
    }
}
