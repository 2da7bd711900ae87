package dev.freshet.client;

import java.io.Serializable;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An answer that did not come, or not whole. What came of it is in [#answer]. Any thread may read it.
public abstract sealed class ChatException extends RuntimeException
        permits UnreachableException,
                RefusedException,
                RateLimitedException,
                ServerFailedException,
                TimeLimitException,
                TruncatedStreamException,
                BrokenStreamException {
    private static final long serialVersionUID = 1;

    /// What is known of a failure.
    ///
    /// @param code the server's, or one of ours where it did not come to one; may be empty
    /// @param status of HTTP, or the one that an error in a stream names; 0 where there is none
    /// @param requestId the server's `x-request-id`; empty where there is none
    /// @param retryable whether asking again makes sense
    /// @param retryAfter when, where the server says so
    record Facts(
            String code,
            int status,
            String requestId,
            boolean retryable,
            @Nullable Duration retryAfter) implements Serializable {
        static final Facts NONE = new Facts("", 0, "", true, null);

        Facts with(String newCode, boolean mayRetry) {
            return new Facts(newCode, status, requestId, mayRetry, retryAfter);
        }
    }

    private final Facts facts;
    private transient @Nullable Answer answer;

    ChatException(String message, Facts facts, @Nullable Throwable cause) {
        super(message, cause);
        this.facts = facts;
    }

    /// The server's name for the failure (`rate_limited`, `upstream_stalled`, …), or, where it sent none,
    /// one of `unreachable`, `first_token_limit`, `idle_limit`, `total_limit`, `truncated`, `broken`,
    /// `http_STATUS`.
    public String code() {
        return facts.code();
    }

    /// The status of the response, or the one that an error in the stream names; 0 where there is none.
    public int status() {
        return facts.status();
    }

    /// The server's id of the request, for its operators; empty where it gave none.
    public String requestId() {
        return facts.requestId();
    }

    /// Whether asking the same again makes sense. It may be billed again.
    public boolean retryable() {
        return facts.retryable();
    }

    /// How long to wait before that, where the server says so.
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(facts.retryAfter());
    }

    /// What came of the answer, and the attempts so far.
    ///
    /// @throws IllegalStateException where the exception is not of a chat, but of [FreshetClient#models]
    public Answer answer() {
        Answer came = answer;
        if (came == null) throw new IllegalStateException("there was no answer asked for");
        return came;
    }

    /// The text that came; may be empty.
    public String text() {
        Answer came = answer;
        return came == null ? "" : came.text();
    }

    void came(Answer soFar) {
        answer = soFar;
    }

    Facts facts() {
        return facts;
    }
}
