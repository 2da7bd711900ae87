package dev.freshet.gateway.http;

import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.access.Quotas;
import dev.freshet.gateway.access.Spending;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Spent;
import java.io.ByteArrayOutputStream;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// `GET /v1/usage`: what the key that asks has spent, by model and by day; with `?savings=1` also what guards
/// saved it.
final class UsageRoute implements Route {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int USUAL_DAYS = 30;

    private final Spending spending;

    UsageRoute(Spending spending) {
        this.spending = spending;
    }

    /// A token of minutes is for asking, not for what its key has spent.
    @Override
    public Role role() {
        return Role.KEY_ITSELF;
    }

    @Override
    public @Nullable Failure refusal(Request request) {
        String savings = request.parameter("savings");
        if (savings != null && !savings.equals("1")) return Failure.invalid("`savings` is 1, or left out.", "savings");
        if (!spending.kept()) return Failure.of(FailureCode.NOT_FOUND, "This gateway keeps no ledger (`ledger: off`).");
        String since = request.parameter("since");
        if (since != null && day(since) == null) return Failure.invalid("`since` is a day, like 2026-11-01.", "since");
        return null;
    }

    private static @Nullable LocalDate day(@Nullable String since) {
        try {
            return since == null ? LocalDate.now(ZoneOffset.UTC).minusDays(USUAL_DAYS) : LocalDate.parse(since);
        } catch (DateTimeException e) {
            return null;
        }
    }

    @Override
    public void serve(Request request, byte[] body, Response response) {
        LocalDate since = day(request.parameter("since"));
        if (since == null) throw new IllegalStateException("the head was checked");
        Caller caller = request.caller();
        boolean savings = request.parameter("savings") != null;
        spending.of(caller, since.toEpochDay())
                .whenComplete((answer, failure) -> response.onLoop(() -> {
                    if (failure == null) response.json(200, json(caller, since, answer, savings));
                    else response.fail(away());
                }));
    }

    private static Failure away() {
        return Failure.of(FailureCode.OVERLOADED, "The ledger cannot be read now; try again in a moment.")
                .asRetryable();
    }

    private static byte[] json(Caller caller, LocalDate since, Spending.Answer answer, boolean savings) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Spent total = answer.days().values().stream().reduce(Spent.NOTHING, Spent::plus);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeName("object").writeString("freshet.usage");
            json.writeName("key");
            if (caller.key() == null) json.writeNull();
            else json.writeString(caller.key());
            json.writeName("since").writeString(since.toString());
            json.writeName("total").writeStartObject();
            spent(json, total);
            json.writeEndObject();
            json.writeName("models").writeStartArray();
            answer.models().forEach((name, spent) -> row(json, "model", name, spent));
            json.writeEndArray();
            json.writeName("days").writeStartArray();
            answer.days().forEach((name, spent) -> row(json, "day", name, spent));
            json.writeEndArray();
            if (savings) {
                json.writeName("savings");
                SavingsJson.write(json, answer.savings());
            }
            json.writeName("budgets").writeStartArray();
            for (Quotas.Standing standing : answer.budgets()) budget(json, standing);
            json.writeEndArray();
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static void row(JsonGenerator json, String of, String name, Spent spent) {
        json.writeStartObject();
        json.writeName(of).writeString(name);
        spent(json, spent);
        json.writeEndObject();
    }

    private static void spent(JsonGenerator json, Spent spent) {
        json.writeName("requests").writeNumber(spent.requests());
        json.writeName("prompt_tokens").writeNumber(spent.prompt());
        json.writeName("cached_tokens").writeNumber(spent.cached());
        json.writeName("completion_tokens").writeNumber(spent.completion());
        json.writeName("reasoning_tokens").writeNumber(spent.reasoning());
        json.writeName("estimated").writeNumber(spent.estimated());
        json.writeName("cost").writeStartObject();
        json.writeName("nano_usd").writeNumber(spent.nanoUsd());
        json.writeName("unknown").writeNumber(spent.unknown());
        json.writeEndObject();
    }

    private static void budget(JsonGenerator json, Quotas.Standing standing) {
        json.writeStartObject();
        json.writeName("of").writeString(standing.of());
        json.writeName("per").writeString(standing.budget().period().name().toLowerCase(Locale.ROOT));
        json.writeName("nano_usd").writeNumber(standing.budget().nanoUsd());
        json.writeName("spent_nano_usd").writeNumber(standing.spent());
        json.writeName("reserved_nano_usd").writeNumber(standing.reserved());
        json.writeName("resets");
        if (standing.resets() == null) json.writeNull();
        else json.writeNumber(standing.resets());
        json.writeEndObject();
    }
}
