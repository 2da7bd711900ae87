package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Remedy;
import dev.freshet.gateway.model.Secret;
import dev.freshet.gateway.model.UpstreamError;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What a provider's misbehaviour is to the client. The one place where statuses and errors of providers are
/// translated.
final class Faults {
    private static final Pattern KEY_LIKE =
            Pattern.compile("(?i)(bearer\\s+\\S+|\\b(sk|pk|key|gsk|xai)[-_][A-Za-z0-9_*.-]{6,})");
    private static final int MAX_MESSAGE = 500;

    private final Provider provider;

    Faults(Provider provider) {
        this.provider = provider;
    }

    AttemptEnd.Failed unreachable(String why) {
        return anybody(Failure.of(
                        FailureCode.UPSTREAM_UNREACHABLE,
                        "The provider " + provider.name() + " cannot be reached (" + why
                                + "); check its base_url and the network.")
                .asRetryable());
    }

    AttemptEnd.Failed connectTimeout(Duration limit) {
        return anybody(Failure.of(
                        FailureCode.UPSTREAM_TIMEOUT,
                        "The provider " + provider.name() + " did not accept a connection within " + text(limit)
                                + "; try again later.")
                .asRetryable());
    }

    AttemptEnd.Failed firstTokenTimeout(Duration limit) {
        return another(Failure.of(
                        FailureCode.UPSTREAM_TIMEOUT,
                        "The provider " + provider.name() + " sent no token within " + text(limit)
                                + "; it may have billed the attempt. Raise timeouts.first_token if it needs longer.")
                .asNotToBeRepeated());
    }

    AttemptEnd.Failed stalled(Duration limit) {
        return another(Failure.of(
                        FailureCode.UPSTREAM_STALLED,
                        "The provider " + provider.name() + " fell silent for " + text(limit)
                                + " in the middle of the answer; try again.")
                .asRetryable()
                .asNotToBeRepeated());
    }

    AttemptEnd.Failed truncated() {
        return another(Failure.of(
                        FailureCode.UPSTREAM_TRUNCATED,
                        "The connection to the provider " + provider.name()
                                + " ended before the answer did; try again.")
                .asRetryable()
                .asNotToBeRepeated());
    }

    AttemptEnd.Failed broken(String what) {
        return another(Failure.of(
                        FailureCode.UPSTREAM_BROKEN,
                        "The provider " + provider.name() + " sent what is no answer (" + what
                                + "); check that its base_url is an" + " OpenAI-compatible API.")
                .asNotToBeRepeated());
    }

    /// A page of somebody's, but no model's answer, so nothing was billed.
    AttemptEnd.Failed foreign(String type) {
        AttemptEnd.Failed broken = broken("its Content-Type is " + type);
        return new AttemptEnd.Failed(broken.failure(), broken.remedy(), false);
    }

    /// A response that is not a 200.
    AttemptEnd.Failed status(UpstreamError error, @Nullable Duration retryAfter) {
        return failed(error, error.status(), retryAfter);
    }

    /// An error inside a stream: as the status that it means.
    AttemptEnd.Failed event(UpstreamError error) {
        return failed(error, meant(error), null);
    }

    private AttemptEnd.Failed failed(UpstreamError error, int status, @Nullable Duration retryAfter) {
        boolean requestAtFault = status == 400 || status == 404 || status == 413 || status == 422;
        boolean limited = status == 429;
        FailureCode code = requestAtFault
                ? FailureCode.UPSTREAM_REJECTED
                : limited ? FailureCode.UPSTREAM_RATE_LIMITED : FailureCode.UPSTREAM_FAILED;
        int shown = requestAtFault ? status : limited ? 429 : status == 503 || status == 529 ? 503 : 502;
        Failure failure = Failure.of(code, message(error, status))
                .withStatus(shown)
                .withUpstream(error)
                .withRetryAfter(retryAfter);
        boolean passing = limited || status >= 500;
        boolean another = !requestAtFault || status == 404 || error.param() != null;
        Remedy remedy = passing ? Remedy.SAME_TARGET_LATER : another ? Remedy.ANOTHER_TARGET : Remedy.NONE;
        return new AttemptEnd.Failed(passing ? failure.asRetryable() : failure, remedy, error.status() >= 500);
    }

    private String message(UpstreamError error, int status) {
        String who = "The provider " + provider.name();
        if (status == 401 || status == 402 || status == 403) {
            return who + " refused this gateway's account (" + status
                    + "); its operator must check the provider's key and balance.";
        }
        if (status >= 300 && status < 400)
            return who + " answered with a redirect, which is never followed; correct its base_url.";
        if (error.message() == null) return who + " answered " + status + " without saying why.";
        return who + " said: " + cleaned(error.message());
    }

    /// The provider's words without control characters and without anything that looks like a key.
    private String cleaned(String message) {
        String text = message.replaceAll("\\p{Cntrl}+", " ").strip();
        if (provider.auth() instanceof Provider.Auth.Keys(var keys)) {
            for (Secret key : keys) text = text.replace(key.value(), "[key]");
        }
        text = KEY_LIKE.matcher(text).replaceAll("[key]");
        return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE) + "…";
    }

    private static int meant(UpstreamError error) {
        String words = (error.code() + " " + error.type()).toLowerCase(Locale.ROOT);
        if (error.code() != null && error.code().matches("[45]\\d\\d")) return Integer.parseInt(error.code());
        if (words.contains("rate_limit") || words.contains("insufficient_quota")) return 429;
        if (words.contains("overloaded") || words.contains("unavailable")) return 503;
        if (words.contains("invalid_request") || words.contains("context_length")) return 400;
        return 502;
    }

    private static AttemptEnd.Failed another(Failure failure) {
        return new AttemptEnd.Failed(failure, Remedy.ANOTHER_TARGET, true);
    }

    private static AttemptEnd.Failed anybody(Failure failure) {
        return new AttemptEnd.Failed(failure, Remedy.ANY_TARGET, false);
    }

    private static String text(Duration limit) {
        return limit.toMillis() % 1000 == 0 ? limit.toSeconds() + " s" : limit.toMillis() + " ms";
    }
}
