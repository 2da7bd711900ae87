package dev.freshet.gateway.upstream;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;

/// Reads responses, and believes none whose head contradicts itself.
final class StrictResponseDecoder extends HttpResponseDecoder {
    StrictResponseDecoder(HttpDecoderConfig limits) {
        super(limits);
    }

    /// RFC 9112, 6.3: a length beside chunks "ought to be handled as an error".
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both Content-Length and chunks");
    }
}
