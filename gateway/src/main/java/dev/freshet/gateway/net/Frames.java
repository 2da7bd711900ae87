package dev.freshet.gateway.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;

/// Writes pieces of a response's body past the codec. Over HTTP/1.1 a chunk's size, its bytes and its end lie in
/// one buffer, so that a piece costs one buffer and one write; over HTTP/2 a piece is a data frame. Only between
/// the response's head and [#end]. Owned by the channel's loop.
///
/// A piece is made in a buffer of [#open], which leaves room in front for the size, and is handed back to
/// [#write].
/// Sources: RFC 9112, 7.1 (chunked transfer coding); RFC 9113, 6.1 (DATA).
public final class Frames {
    private static final int HEADROOM = 10;
    private static final int TAILROOM = 2;

    private final ChannelHandlerContext codec;
    private final Form form;

    /// How the pieces of a body are told apart.
    public enum Form {
        /// In chunks, as HTTP/1.1 has it.
        CHUNKED,
        /// Not at all: the body ends with the connection, as HTTP/1.0 has it.
        UNTIL_CLOSE,
        /// In data frames.
        HTTP_2
    }

    /// @param codec the context of the HTTP codec; pieces are written from there on, towards the socket
    public Frames(ChannelHandlerContext codec, Form form) {
        this.codec = codec;
        this.form = form;
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
        switch (form) {
            case CHUNKED -> codec.write(chunk(piece), codec.voidPromise());
            case UNTIL_CLOSE -> codec.write(piece, codec.voidPromise());
            case HTTP_2 -> codec.write(new DefaultHttp2DataFrame(piece), codec.voidPromise());
        }
    }

    private static ByteBuf chunk(ByteBuf piece) {
        int size = piece.readableBytes();
        int at = HEADROOM;
        piece.setByte(--at, '\n');
        piece.setByte(--at, '\r');
        for (int rest = size; rest != 0; rest >>>= 4) piece.setByte(--at, Character.forDigit(rest & 15, 16));
        piece.readerIndex(at);
        return ByteBufUtil.writeShortBE(piece, '\r' << 8 | '\n');
    }

    public void flush() {
        codec.flush();
    }

    /// Whether the socket takes more at the moment. A stream that was reset says that it does, while what waited
    /// for it is thrown away.
    public boolean writable() {
        Channel channel = codec.channel();
        boolean open = !(channel instanceof Http2StreamChannel stream)
                || stream.stream().state().localSideOpen();
        return open && channel.isWritable();
    }

    public Channel channel() {
        return codec.channel();
    }

    /// Ends the body, and sends all of it. Nothing may be written afterwards.
    public void end() {
        codec.channel().writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    }
}
