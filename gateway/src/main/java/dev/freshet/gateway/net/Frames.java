package dev.freshet.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.LastHttpContent;

/// Writes pieces of an HTTP/1.1 response's body past the codec: a chunk's size, its bytes and its end lie in
/// one buffer, so that a piece costs one buffer and one write. Only between the response's head and [#end].
/// Owned by the channel's loop.
///
/// A piece is made in a buffer of [#open], which leaves room in front for the size, and is handed back to
/// [#write].
/// Source: RFC 9112, 7.1 (chunked transfer coding).
public final class Frames {
    private static final int HEADROOM = 10;
    private static final int TAILROOM = 2;

    private final ChannelHandlerContext codec;
    private final boolean chunked;

    /// @param codec the context of the HTTP codec; pieces are written from there on, towards the socket
    /// @param chunked whether the body has chunks; else it ends with the connection, as HTTP/1.0 has it
    public Frames(ChannelHandlerContext codec, boolean chunked) {
        this.codec = codec;
        this.chunked = chunked;
    }

    /// A buffer for a piece of at most that many bytes.
    public ByteBuf open(int capacity) {
        int size = HEADROOM + capacity + TAILROOM;
        return codec.alloc().directBuffer(size).setIndex(HEADROOM, HEADROOM);
    }

    /// Writes a piece; its buffer is released. Nothing leaves before [#flush]. An empty piece is none: a chunk
    /// without bytes would end the body.
    public void write(ByteBuf piece) {
        if (!piece.isReadable()) {
            piece.release();
            return;
        }
        if (chunked) frame(piece);
        codec.write(piece, codec.voidPromise());
    }

    private static void frame(ByteBuf piece) {
        int size = piece.readableBytes();
        int at = HEADROOM;
        piece.setByte(--at, '\n');
        piece.setByte(--at, '\r');
        for (int rest = size; rest != 0; rest >>>= 4) piece.setByte(--at, Character.forDigit(rest & 15, 16));
        piece.readerIndex(at);
        ByteBufUtil.writeShortBE(piece, '\r' << 8 | '\n');
    }

    public void flush() {
        codec.flush();
    }

    /// Whether the socket takes more at the moment.
    public boolean writable() {
        return codec.channel().isWritable();
    }

    public Channel channel() {
        return codec.channel();
    }

    /// Ends the body, and sends all of it. Nothing may be written afterwards.
    public void end() {
        codec.channel().writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    }
}
