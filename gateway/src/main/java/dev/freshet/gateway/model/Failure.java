package dev.freshet.gateway.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A failure as a value: what happened, in the contract's words, and what the client may do about it.
///
/// @param code what happened
/// @param status the HTTP status it has, or would have had where it is told inside a stream
/// @param message one sentence on what happened, and one on the cure; never a key, a header or another
/// tenant's text
/// @param param the request's field that is at fault
/// @param upstream what the provider said, where it said something
/// @param retryAfter how long to wait before the same request may succeed
/// @param retryable whether the same request may succeed later
/// @param notToBeRepeated whether a client should not repeat the request by itself: a provider may have
/// charged for it, or nothing would change
public record Failure(
        FailureCode code,
        int status,
        String message,
        @Nullable String param,
        @Nullable UpstreamError upstream,
        @Nullable Duration retryAfter,
        boolean retryable,
        boolean notToBeRepeated) {

    /// A failure with its code's own status, which trying again does not cure.
    public static Failure of(FailureCode code, String message) {
        return new Failure(code, code.status(), message, null, null, null, false, false);
    }

    /// A request that cannot be served as it is.
    public static Failure invalid(String message, @Nullable String param) {
        return of(FailureCode.INVALID_REQUEST, message).withParam(param);
    }

    public Failure withParam(@Nullable String name) {
        return new Failure(code, status, message, name, upstream, retryAfter, retryable, notToBeRepeated);
    }

    public Failure withStatus(int other) {
        return new Failure(code, other, message, param, upstream, retryAfter, retryable, notToBeRepeated);
    }

    /// The same, said by a provider; its `param` is kept.
    public Failure withUpstream(UpstreamError error) {
        return new Failure(
                code,
                status,
                message,
                error.param() != null ? error.param() : param,
                error,
                retryAfter,
                retryable,
                notToBeRepeated);
    }

    public Failure withRetryAfter(@Nullable Duration wait) {
        return new Failure(code, status, message, param, upstream, wait, retryable, notToBeRepeated);
    }

    /// The same, where trying again may help.
    public Failure asRetryable() {
        return new Failure(code, status, message, param, upstream, retryAfter, true, notToBeRepeated);
    }

    /// The same, where a client should not repeat the request by itself.
    public Failure asNotToBeRepeated() {
        return new Failure(code, status, message, param, upstream, retryAfter, retryable, true);
    }
}
