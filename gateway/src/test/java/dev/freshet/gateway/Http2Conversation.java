package dev.freshet.gateway;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Over HTTP/2, on the first stream of its connection.
final class Http2Conversation implements Conversation {
    private static final int STREAM = 1;
    private static final int CANCEL = 8;
    private static final int WINDOW = 1 << 20;

    private final Http2Wire wire;
    private final Http2Headers head;
    private boolean complete;

    /// @param headers lines with a name and a value each
    /// @param window in bytes; 0 for much
    Http2Conversation(
            InetSocketAddress address, String method, String path, String[] headers, @Nullable String body, int window)
            throws IOException {
        wire = new Http2Wire(address, window == 0 ? WINDOW : window);
        List<String> fields = new ArrayList<>();
        for (String line : headers) {
            fields.add(line.substring(0, line.indexOf(": ")).toLowerCase(Locale.ROOT));
            fields.add(line.substring(line.indexOf(": ") + 2));
        }
        int flags = Http2Wire.END_HEADERS | (body == null ? Http2Wire.END_STREAM : 0);
        wire.send(Http2Wire.HEADERS, flags, STREAM, Http2Wire.head(method, path, fields.toArray(String[]::new)));
        if (body != null)
            wire.send(Http2Wire.DATA, Http2Wire.END_STREAM, STREAM, body.getBytes(StandardCharsets.UTF_8));
        head = readHead();
    }

    private Http2Headers readHead() throws IOException {
        Http2Wire.Frame frame = wire.next(Http2Wire.HEADERS);
        if (frame == null) throw new IOException("the connection ended");
        complete = (frame.flags() & Http2Wire.END_STREAM) != 0;
        try {
            return new DefaultHttp2HeadersDecoder().decodeHeaders(STREAM, Unpooled.wrappedBuffer(frame.payload()));
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
    }

    @Override
    public int status() {
        return Integer.parseInt(head.status().toString());
    }

    @Override
    public String header(String name) {
        CharSequence value = head.get(name.toLowerCase(Locale.ROOT));
        return value == null ? "" : value.toString();
    }

    @Override
    public byte @Nullable [] piece() throws IOException {
        while (!complete) {
            Http2Wire.Frame frame = wire.next();
            if (frame == null) throw new IOException("the connection ended");
            if (frame.type() == Http2Wire.RST_STREAM) throw new IOException("the stream was reset: " + frame.error());
            if (frame.type() != Http2Wire.DATA) continue;
            complete = (frame.flags() & Http2Wire.END_STREAM) != 0;
            if (frame.payload().length == 0) continue;
            byte[] room = Http2Wire.number(frame.payload().length);
            wire.send(Http2Wire.WINDOW_UPDATE, 0, 0, room);
            if (!complete) wire.send(Http2Wire.WINDOW_UPDATE, 0, STREAM, room);
            return frame.payload();
        }
        return null;
    }

    @Override
    public void limit(int millis) throws IOException {
        wire.limit(millis);
    }

    /// Gives no more room for the answer; the connection goes on.
    @Override
    public boolean endsWithReset() throws IOException {
        return wire.next(Http2Wire.RST_STREAM) != null;
    }

    @Override
    public void reset() throws IOException {
        wire.send(Http2Wire.RST_STREAM, 0, STREAM, Http2Wire.number(CANCEL));
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }
}
