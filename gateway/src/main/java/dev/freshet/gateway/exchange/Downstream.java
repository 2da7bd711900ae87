package dev.freshet.gateway.exchange;

import dev.freshet.gateway.access.Quotas;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.stream.StreamLog;

/// Who asked. Exactly one of [#head], [#attached] and [#refused] is told, once, on the exchange's loop.
public interface Downstream {
    /// How the key's requests, or tokens, a minute stand: told before the others, where they are limited.
    ///
    /// @param unit `requests` or `tokens`
    void rate(String unit, Quotas.Rate rate);

    /// The response's head may leave. The entries come from the log: join it.
    void head(Head head);

    /// The answer is that of an earlier request with the same Idempotency-Key, whatever becomes of it.
    void attached(StreamLog log);

    /// There is no answer, and no head has left: the failure becomes the response's status.
    void refused(Failure failure);
}
