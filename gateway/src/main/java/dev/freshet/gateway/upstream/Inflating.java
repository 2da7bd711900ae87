package dev.freshet.gateway.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.compression.ZlibCodecFactory;
import io.netty.handler.codec.compression.ZlibWrapper;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Inflates a body that came compressed though it was not asked for so, as it comes. Owned by the attempt's
/// loop.
final class Inflating {
    private static final Set<String> GZIP = Set.of("gzip", "x-gzip");
    private static final Set<String> NONE = Set.of("", "identity");
    /// So few bytes are inflated at once that what comes out is bounded: deflate makes at most 1,032 of one.
    private static final int SLICE = 512;

    private static final int LARGEST = 1 << 20;

    private final EmbeddedChannel decoder;
    private boolean closed;

    private Inflating(ZlibWrapper wrapper) {
        decoder = new EmbeddedChannel(ZlibCodecFactory.newZlibDecoder(wrapper, LARGEST));
    }

    /// Whether the body is as it is.
    static boolean isPlain(HttpHeaders headers) {
        return NONE.contains(coding(headers));
    }

    /// @return null where the coding is none that can be read
    static @Nullable Inflating of(HttpHeaders headers) {
        String coding = coding(headers);
        if (GZIP.contains(coding)) return new Inflating(ZlibWrapper.GZIP);
        // RFC 9110, 8.4.1.2: some send deflate without the zlib wrapper.
        return coding.equals("deflate") ? new Inflating(ZlibWrapper.ZLIB_OR_NONE) : null;
    }

    private static String coding(HttpHeaders headers) {
        String coding = headers.get(HttpHeaderNames.CONTENT_ENCODING);
        return coding == null ? "" : coding.strip().toLowerCase(Locale.ROOT);
    }

    /// Inflates bytes; what comes out is told in pieces, each of which is good during the call only.
    ///
    /// @throws DecompressionException where they are not what the coding says
    void feed(ByteBuf bytes, Consumer<ByteBuf> plain) {
        while (!closed && bytes.isReadable()) {
            decoder.writeInbound(bytes.readRetainedSlice(Math.min(SLICE, bytes.readableBytes())));
            for (ByteBuf piece = decoder.readInbound(); piece != null; piece = decoder.readInbound()) {
                try {
                    plain.accept(piece);
                } finally {
                    piece.release();
                }
            }
        }
    }

    /// Frees what it holds. May be called while it tells of a piece.
    void close() {
        if (closed) return;
        closed = true;
        try {
            decoder.finishAndReleaseAll();
        } catch (DecompressionException e) {
            // It was cut off; who fed it knows that.
        }
    }
}
