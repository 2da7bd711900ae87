package dev.freshet.gateway.model;

import java.util.Locale;

/// What went wrong, in the word that clients see as `error.code`. The contract lists them with the same names
/// and statuses.
public enum FailureCode {
    INVALID_REQUEST(400, "invalid_request_error"),
    BODY_TOO_LARGE(413, "invalid_request_error"),
    HEAD_TOO_LARGE(431, "invalid_request_error"),
    UNKNOWN_MODEL(404, "invalid_request_error"),
    NOT_FOUND(404, "invalid_request_error"),
    METHOD_NOT_ALLOWED(405, "invalid_request_error"),
    UNSUPPORTED_MEDIA_TYPE(415, "invalid_request_error"),
    INVALID_API_KEY(401, "invalid_request_error"),
    FORBIDDEN(403, "permission_error"),
    RATE_LIMITED(429, "rate_limit_error"),
    BUDGET_EXHAUSTED(402, "insufficient_quota"),
    OVERLOADED(503, "server_error"),
    UPSTREAM_UNREACHABLE(502, "server_error"),
    UPSTREAM_TIMEOUT(504, "server_error"),
    UPSTREAM_RATE_LIMITED(429, "rate_limit_error"),
    UPSTREAM_REJECTED(400, "invalid_request_error"),
    UPSTREAM_FAILED(502, "server_error"),
    UPSTREAM_STALLED(504, "server_error"),
    UPSTREAM_TRUNCATED(502, "server_error"),
    UPSTREAM_BROKEN(502, "server_error"),
    STREAM_CANCELLED(499, "server_error"),
    STREAM_TOO_LARGE(502, "server_error"),
    STREAM_INTERRUPTED(502, "server_error"),
    STREAM_NOT_FOUND(404, "invalid_request_error"),
    STREAM_EXPIRED(410, "invalid_request_error"),
    CURSOR_AHEAD(409, "invalid_request_error"),
    CURSOR_MALFORMED(400, "invalid_request_error"),
    IDEMPOTENCY_MISMATCH(422, "invalid_request_error"),
    GUARD_STOPPED(422, "invalid_request_error"),
    INTERNAL(500, "server_error");

    private final String wireName = name().toLowerCase(Locale.ROOT);
    private final int status;
    private final String type;

    FailureCode(int status, String type) {
        this.status = status;
        this.type = type;
    }

    /// The value of `error.code`.
    public String wireName() {
        return wireName;
    }

    /// The HTTP status where the failure comes before the head and names no other.
    public int status() {
        return status;
    }

    /// OpenAI's `error.type` for it.
    public String type() {
        return type;
    }
}
