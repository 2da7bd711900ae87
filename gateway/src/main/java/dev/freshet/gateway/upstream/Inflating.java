package dev.freshet.gateway.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.compression.Brotli;
import io.netty.handler.codec.compression.BrotliDecoder;
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
    /// So few bytes are inflated at once, that what comes out is bounded: deflate makes at most 1,032 of one.
    private static final int SLICE = 512;

    /// Brotli can make megabytes of a few.
    private static final int BROTLI_SLICE = 16;

    private static final int LARGEST = 1 << 20;

    private final int slice;
    private final EmbeddedChannel decoder;
    private Consumer<ByteBuf> told = _ -> {};
    private boolean closed;

    private Inflating(ByteToMessageDecoder coding, int slice) {
        this.slice = slice;
        decoder = new EmbeddedChannel(coding, new Telling());
    }

    /// Tells each piece at once, so that they do not gather.
    private final class Telling extends SimpleChannelInboundHandler<ByteBuf> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf piece) {
            if (!closed) told.accept(piece);
        }
    }

    /// Whether the body is as it is.
    static boolean isPlain(HttpHeaders headers) {
        return NONE.contains(coding(headers));
    }

    /// @return null where the coding is none that can be read
    static @Nullable Inflating of(HttpHeaders headers) {
        String coding = coding(headers);
        if (GZIP.contains(coding))
            return new Inflating(ZlibCodecFactory.newZlibDecoder(ZlibWrapper.GZIP, LARGEST), SLICE);
        return switch (coding) {
            // RFC 9110, 8.4.1.2: some send it without the zlib wrapper.
            case "deflate" -> new Inflating(ZlibCodecFactory.newZlibDecoder(ZlibWrapper.ZLIB_OR_NONE, LARGEST), SLICE);
            case "br" -> Brotli.isAvailable() ? new Inflating(new BrotliDecoder(), BROTLI_SLICE) : null;
            default -> null;
        };
    }

    private static String coding(HttpHeaders headers) {
        String coding = headers.get(HttpHeaderNames.CONTENT_ENCODING);
        return coding == null ? "" : coding.strip().toLowerCase(Locale.ROOT);
    }

    /// Inflates bytes; what comes out is told in pieces, each of which is good during the call only.
    ///
    /// @throws DecompressionException where they are not what the coding says
    void feed(ByteBuf bytes, Consumer<ByteBuf> plain) {
        told = plain;
        while (!closed && bytes.isReadable()) {
            decoder.writeInbound(bytes.readRetainedSlice(Math.min(slice, bytes.readableBytes())));
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
