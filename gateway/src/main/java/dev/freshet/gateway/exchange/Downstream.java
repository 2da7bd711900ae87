package dev.freshet.gateway.exchange;

import dev.freshet.gateway.model.Failure;

/// Who asked. Exactly one of the two is told, once, on the exchange's loop.
public interface Downstream {
    /// The response's head may leave. The entries come from the log: join it.
    void head(Head head);

    /// There is no answer, and no head has left: the failure becomes the response's status.
    void refused(Failure failure);
}
