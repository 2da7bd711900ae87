package dev.freshet.gateway.http;

import static io.netty.handler.codec.http2.Http2Exception.connectionError;
import static io.netty.handler.codec.http2.Http2Exception.streamError;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/// Netty's codec of a server's connection, with the limits of this gateway, and stricter about frames that
/// come for a stream after the client has closed it (RFC 9113, 5.1 and 5.1.1): they end the connection. Netty
/// resets the stream, which is right only where it was reset from this side.
final class StrictHttp2Codec extends Http2FrameCodecBuilder {
    private static final int MAX_STREAMS = 256;
    /// What a stream may send before it is taken: a request's body seldom waits for a round trip.
    private static final int STREAM_WINDOW = 256 << 10;
    /// Streams that were reset from this side, whose frames may be under way still.
    private static final int REMEMBERED = 1_000;

    /// @param maxHead all of a request's head, in bytes
    static Http2FrameCodec of(int maxHead) {
        StrictHttp2Codec builder = new StrictHttp2Codec();
        builder.server(true);
        builder.initialSettings(Http2Settings.defaultSettings()
                .maxConcurrentStreams(MAX_STREAMS)
                .initialWindowSize(STREAM_WINDOW)
                .maxHeaderListSize(maxHead));
        builder.validateRequiredPseudoHeaders(true);
        builder.gracefulShutdownTimeoutMillis(0);
        return builder.build();
    }

    @Override
    protected Http2FrameCodec build(
            Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
        return super.build(new Strict(decoder), encoder, settings);
    }

    private static final class Strict extends DecoratingHttp2ConnectionDecoder {
        private final Queue<Integer> reset = new ArrayDeque<>(0);

        Strict(Http2ConnectionDecoder decoder) {
            super(decoder);
            decoder.connection().addListener(new Http2ConnectionAdapter() {
                @Override
                public void onStreamClosed(Http2Stream stream) {
                    if (!stream.isResetSent()) return;
                    reset.add(stream.id());
                    if (reset.size() > REMEMBERED) reset.remove();
                }
            });
        }

        @Override
        public void decodeFrame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Http2Exception {
            try {
                super.decodeFrame(ctx, in, out);
            } catch (Http2Exception.StreamException e) {
                throw stricter(e);
            }
        }

        private Http2Exception stricter(Http2Exception.StreamException e) {
            int id = e.streamId();
            Http2Stream stream = connection().stream(id);
            if (stream == null)
                return e.error() != Http2Error.STREAM_CLOSED || reset.contains(id)
                        ? e
                        : connectionError(Http2Error.STREAM_CLOSED, "a frame for stream %d, which is closed", id);
            // Netty looks for the order of heads before it looks whether any may come.
            boolean lateHead = stream.state() == Http2Stream.State.HALF_CLOSED_REMOTE
                    && String.valueOf(e.getMessage()).contains("too many headers");
            return lateHead ? streamError(id, Http2Error.STREAM_CLOSED, "a head for stream %d after its end", id) : e;
        }
    }
}
