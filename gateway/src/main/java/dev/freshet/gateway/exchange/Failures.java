package dev.freshet.gateway.exchange;

import dev.freshet.gateway.guard.Stop;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import java.time.Duration;
import java.util.Collection;

/// How exchanges fail without a provider's doing.
final class Failures {
    private Failures() {}

    static Failure tooManyStreams() {
        return Failure.of(
                        FailureCode.OVERLOADED, "Too many streams are running (limits.streams); try again in a moment.")
                .withRetryAfter(Duration.ofSeconds(1))
                .asRetryable();
    }

    /// Row 48 of the failure model.
    static Failure ledgerAway() {
        return Failure.of(
                        FailureCode.OVERLOADED,
                        "What is spent cannot be written down now, so keys with a budget may not ask; try again in a"
                                + " moment. Its operator finds the cause in the log.")
                .withRetryAfter(Duration.ofSeconds(5))
                .asRetryable();
    }

    /// So much waits for the ledger that memory would run out.
    static Failure ledgerFull() {
        return Failure.of(
                        FailureCode.OVERLOADED,
                        "What was spent could not be written down for long; try again when the ledger's disk has room.")
                .withRetryAfter(Duration.ofSeconds(5))
                .asRetryable();
    }

    static Failure noLedger() {
        return Failure.of(
                FailureCode.BUDGET_EXHAUSTED,
                "This key has a budget, and this gateway keeps no ledger (`ledger: off`); use a key without one.");
    }

    static Failure interrupted() {
        return Failure.of(
                        FailureCode.STREAM_INTERRUPTED,
                        "The gateway stopped while this answer was under way; what came before is all there is."
                                + " Try again.")
                .asRetryable()
                .asNotToBeRepeated();
    }

    /// Who is limited is always told how long to wait: where the provider does not say, a second.
    static Failure withPatience(Failure failure) {
        boolean unsaid = failure.code() == FailureCode.UPSTREAM_RATE_LIMITED && failure.retryAfter() == null;
        return unsaid ? failure.withRetryAfter(Duration.ofSeconds(1)) : failure;
    }

    static Failure guardStopped(Stop stop) {
        String rule = stop.guard().ours() ? stop.guard().name() + "." + stop.rule() : stop.rule();
        return Failure.of(
                        FailureCode.GUARD_STOPPED,
                        "The guard rule " + rule + " stopped the answer: "
                                + stop.match().why() + ". Ask in another way, or have the rule changed.")
                .asNotToBeRepeated();
    }

    static Failure unknownGuard(String name, Collection<String> known) {
        return Failure.invalid(
                "There is no guard " + (name.length() > 64 ? name.substring(0, 64) + "…" : name) + "; "
                        + (known.isEmpty() ? "none is configured" : "there are: " + String.join(", ", known)) + ".",
                "Freshet-Guard");
    }

    static Failure guardsModel(String model, String param) {
        return Failure.of(
                        FailureCode.FORBIDDEN,
                        "This key may not use the model " + model + ", which `" + param
                                + "` names; GET /v1/models lists those that it may.")
                .withParam(param);
    }

    static Failure keyRevoked() {
        return Failure.of(
                FailureCode.INVALID_API_KEY, "The key was revoked while this answer was under way; use another key.");
    }

    static Failure abandoned() {
        return Failure.of(FailureCode.STREAM_CANCELLED, "The stream was stopped: nobody was reading it any more.");
    }

    static Failure stopped() {
        return Failure.of(FailureCode.STREAM_CANCELLED, "The stream was stopped by its owner.");
    }

    static Failure tooLarge(long maxSize) {
        return Failure.of(
                FailureCode.STREAM_TOO_LARGE,
                "The answer grew over " + maxSize + " bytes (streams.max_size), or all streams together over"
                        + " streams.max_memory; raise the limit, or ask for less.");
    }

    static Failure overtime(Duration total) {
        return Failure.of(
                        FailureCode.UPSTREAM_TIMEOUT,
                        "The answer took longer than " + total.toSeconds()
                                + " s; raise timeouts.total, or ask for less.")
                .asNotToBeRepeated();
    }
}
