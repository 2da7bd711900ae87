package dev.freshet.gateway.http;

import io.netty.handler.codec.DecoderException;

/// A request that different readers could read differently, or that is none. Its message is for the client: what is
/// wrong, and the cure.
final class MalformedRequestException extends DecoderException {
    private static final long serialVersionUID = 1L;

    MalformedRequestException(String message) {
        super(message);
    }

    /// Who sends it is told by the message; where it was found out says nothing to anybody, and costs.
    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
