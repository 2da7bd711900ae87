package dev.freshet.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.AsciiString;
import io.netty.util.ByteProcessor;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads HTTP/1.1 requests, and only those that every reader reads alike: what a proxy in front could take for two
/// requests, or for half of one, is refused. Netty's decoder does most of it; this one adds what it lets pass. After
/// a refusal nothing more is read. Owned by the channel's loop.
///
/// A refusal is a message, or a piece of its body, whose decoder result is a failure; its cause is a
/// [MalformedRequestException] where the client can be told what is wrong.
/// Source: RFC 9112, and for names and values RFC 9110, 5.
final class StrictRequestDecoder extends HttpRequestDecoder {
    /// A user event: the first byte of a head has come, and not all of it.
    static final Object HEAD_BEGUN = new Object() {
        @Override
        public String toString() {
            return "HEAD_BEGUN";
        }
    };

    /// What the sizes of chunks, their extensions and the trailers may take, besides so much for each byte of the body.
    private static final int FREE_FRAMING = 16 << 10;

    private static final int FRAMING_PER_BYTE = 8;
    private static final int MAX_FIELDS = 200;
    private static final int TLS_HANDSHAKE = 0x16;

    /// What comes next.
    private enum Part {
        HEAD,
        LENGTH,
        CHUNKS
    }

    private Part part = Part.HEAD;
    private boolean begun; // a byte of the head that comes next was seen
    private boolean emptyLine; // one was skipped before it
    private boolean refused;
    private int fields;
    private int lengths;
    private int wordEnd; // of the request line's last word
    private long framing;
    private long content;

    StrictRequestDecoder(HttpDecoderConfig limits) {
        super(limits);
    }

    /// The limits that Netty keeps itself.
    static HttpDecoderConfig limits(int line, int header) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(line)
                .setMaxHeaderSize(header)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
        if (refused) {
            buffer.skipBytes(buffer.readableBytes());
            return;
        }
        boolean fresh = part == Part.HEAD && !begun;
        if (fresh && !atHead(buffer, out)) return;
        int from = buffer.readerIndex();
        int known = out.size();
        super.decode(ctx, buffer, out);
        look(buffer, from, out, known);
        if (fresh && begun && part == Part.HEAD && !refused) ctx.fireUserEventTriggered(HEAD_BEGUN);
    }

    /// Looks at what stands where a head should begin. One empty line may (RFC 9112, 2.2).
    ///
    /// @return whether a head may begin here
    private boolean atHead(ByteBuf buffer, List<Object> out) {
        if (!buffer.isReadable()) return false;
        int first = buffer.getUnsignedByte(buffer.readerIndex());
        if (first == '\r' && buffer.readableBytes() == 1) return false;
        if (first == '\r' && !emptyLine && buffer.getByte(buffer.readerIndex() + 1) == '\n') {
            buffer.skipBytes(2);
            emptyLine = true;
            return false;
        }
        if (first > ' ') {
            begun = true;
            return true;
        }
        String wrong = first == TLS_HANDSHAKE
                ? "This port speaks plain HTTP, and TLS came; ask it by http://, or configure listen.tls."
                : "A request begins with its method; white space or a control character came before it.";
        out.add(refusedHead(wrong));
        buffer.skipBytes(buffer.readableBytes());
        return false;
    }

    /// Looks at what was read.
    private void look(ByteBuf buffer, int from, List<Object> out, int known) {
        boolean chunks = part == Part.CHUNKS;
        boolean lines = part != Part.LENGTH;
        int taken = 0;
        for (int i = known; i < out.size(); i++) {
            if (out.get(i) instanceof HttpRequest head) began(head);
            if (out.get(i) instanceof HttpContent piece) {
                taken += piece.content().readableBytes();
                if (piece.decoderResult().isFailure()) refused = true;
                else if (piece instanceof LastHttpContent) ended();
            }
        }
        if (refused) return;
        String wrong = chunks ? framing(buffer.readerIndex() - from - taken, taken) : null;
        if (wrong == null && lines && taken == 0) wrong = Lines.fault(buffer, from, buffer.readerIndex());
        if (wrong != null) refuse(buffer, out, known, wrong);
    }

    private void began(HttpRequest head) {
        if (head.decoderResult().isFailure()) {
            refused = true;
            head.setDecoderResult(DecoderResult.failure(
                    HeadRules.explained(head.decoderResult().cause(), head)));
            return;
        }
        boolean chunked = head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING);
        part = chunked ? Part.CHUNKS : Part.LENGTH;
        String wrong = HeadRules.fault(head);
        if (wrong == null) return;
        refused = true;
        head.setDecoderResult(DecoderResult.failure(new MalformedRequestException(wrong)));
    }

    private void ended() {
        part = Part.HEAD;
        begun = false;
        emptyLine = false;
        fields = 0;
        lengths = 0;
        framing = 0;
        content = 0;
    }

    /// RFC 9112, 7.1.1: who reads chunks "ought to limit the total length of chunk extensions".
    private @Nullable String framing(int more, int taken) {
        if (part != Part.CHUNKS) return null; // the body's end, which set all back
        framing += more;
        content += taken;
        if (framing <= FREE_FRAMING + FRAMING_PER_BYTE * content) return null;
        return "The body's chunks take far more than what is in them; send larger chunks, and no extensions.";
    }

    private void refuse(ByteBuf buffer, List<Object> out, int known, String wrong) {
        boolean head = out.size() > known && out.get(known) instanceof HttpRequest;
        boolean body = !head && (part == Part.CHUNKS || out.size() > known);
        if (head) {
            HttpRequest request = (HttpRequest) out.get(known);
            request.setDecoderResult(DecoderResult.failure(new MalformedRequestException(wrong)));
        } else {
            while (out.size() > known) ReferenceCountUtil.release(out.removeLast());
            out.add(body ? refusedBody(wrong) : refusedHead(wrong));
        }
        refused = true;
        buffer.skipBytes(buffer.readableBytes());
    }

    private HttpMessage refusedHead(String wrong) {
        refused = true;
        HttpMessage none = createInvalidMessage();
        none.setDecoderResult(DecoderResult.failure(new MalformedRequestException(wrong)));
        return none;
    }

    private static HttpContent refusedBody(String wrong) {
        LastHttpContent none = new DefaultLastHttpContent(Unpooled.EMPTY_BUFFER);
        none.setDecoderResult(DecoderResult.failure(new MalformedRequestException(wrong)));
        return none;
    }

    @Override
    protected String splitFirstWordInitialLine(byte[] line, int start, int length) {
        wordEnd = start + length;
        return super.splitFirstWordInitialLine(line, start, length);
    }

    @Override
    protected String splitSecondWordInitialLine(byte[] line, int start, int length) {
        oneSpace(line, start);
        wordEnd = start + length;
        return super.splitSecondWordInitialLine(line, start, length);
    }

    @Override
    protected String splitThirdWordInitialLine(byte[] line, int start, int length) {
        oneSpace(line, start);
        return super.splitThirdWordInitialLine(line, start, length);
    }

    private void oneSpace(byte[] line, int start) {
        if (start != wordEnd + 1 || line[wordEnd] != ' ')
            throw new MalformedRequestException(
                    "The request line is a method, a path and HTTP/1.1, with one space between them.");
    }

    @Override
    protected HttpMessage createMessage(String[] line) throws Exception {
        String wrong = HeadRules.fault(line[0], line[1], line[2]);
        if (wrong != null) throw new MalformedRequestException(wrong);
        return super.createMessage(line);
    }

    /// Each field of the head comes by here, and each trailer. Netty makes one of two lengths in HTTP/1.0, so that
    /// nobody could see them later.
    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        AsciiString name = super.splitHeaderName(line, start, length);
        if (++fields > MAX_FIELDS) throw new TooLongHttpHeaderException("more than " + MAX_FIELDS + " fields");
        if (part == Part.HEAD && HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name) && ++lengths > 1)
            throw new MalformedRequestException(HeadRules.LENGTH);
        return name;
    }

    /// What no line of a head or of a chunked body's framing may have.
    private static final class Lines implements ByteProcessor {
        private int last = '\n';
        private @Nullable String fault;

        static @Nullable String fault(ByteBuf buffer, int from, int to) {
            Lines lines = new Lines();
            buffer.forEachByte(from, to - from, lines);
            return lines.fault;
        }

        @Override
        public boolean process(byte value) {
            if (last == '\r' && value != '\n') fault = "A line has a bare CR; lines end with CR LF.";
            else if (last == '\n' && (value == ' ' || value == '\t'))
                fault = "A line begins with white space; send each header on one line (RFC 9112, 5.2).";
            else if (value == 0x7f || (value >= 0 && value < ' ' && value != '\t' && value != '\r' && value != '\n'))
                fault = "A line has a control character; send visible characters only.";
            last = value;
            return fault == null;
        }
    }
}
