package dev.freshet.bench.load;

import dev.freshet.bench.load.RequestReader.Asked;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One connection to the provider, and the stream that it carries. Owned by the load's thread.
final class UpstreamConnection implements LoadLoop.Ready, Wheel.Paced {
    private static final byte[] NO_MODELS = ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 27\r\n\r\n{\"object\":\"list\",\"data\":[]}")
            .getBytes(StandardCharsets.US_ASCII);

    private final Upstream upstream;
    private final LoadLoop loop;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final RequestReader requests = new RequestReader();
    private Asked.@Nullable Stream stream;
    private int place;
    private int sent;
    private @Nullable ByteBuffer unsent;
    private boolean finishing;

    UpstreamConnection(Upstream upstream, LoadLoop loop, SocketChannel channel) throws IOException {
        this.upstream = upstream;
        this.loop = loop;
        this.channel = channel;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        key = loop.register(channel, SelectionKey.OP_READ, this);
    }

    @Override
    public void ready(SelectionKey ready) {
        try {
            if (ready.isWritable()) flush();
            if (ready.isValid() && ready.isReadable()) read();
        } catch (IOException e) {
            close();
        }
    }

    private void read() throws IOException {
        int length = channel.read(loop.in());
        if (length < 0) {
            close();
            return;
        }
        switch (requests.read(loop.read(), length)) {
            case null -> {}
            case Asked.Stream asked -> begin(asked);
            case Asked.Other _ -> write(loop.out().put(NO_MODELS));
        }
    }

    private void begin(Asked.Stream asked) throws IOException {
        stream = asked;
        sent = 1;
        finishing = false;
        place = upstream.began(asked.client(), this);
        ByteBuffer out = loop.out();
        Chunks.head(out);
        Chunks.token(out, sent, System.nanoTime());
        if (sent == asked.tokens()) end(out, asked);
        write(out);
    }

    /// The next token is due. Where the last one still waits for the other side, this one waits for its
    /// next turn.
    @Override
    public void due() {
        Asked.Stream running = stream;
        if (running == null || unsent != null) return;
        ByteBuffer out = loop.out();
        Chunks.token(out, ++sent, System.nanoTime());
        if (sent == running.tokens()) end(out, running);
        tryWrite(out);
    }

    void finish() {
        Asked.Stream running = stream;
        if (running == null) return;
        finishing = unsent != null;
        if (finishing) return;
        ByteBuffer out = loop.out();
        end(out, running);
        tryWrite(out);
    }

    private void end(ByteBuffer out, Asked.Stream running) {
        Chunks.end(out, sent, running.usage());
        upstream.ended(running.client(), place, this);
        stream = null;
    }

    private void tryWrite(ByteBuffer out) {
        try {
            write(out);
        } catch (IOException e) {
            close();
        }
    }

    private void write(ByteBuffer out) throws IOException {
        channel.write(out.flip());
        if (!out.hasRemaining()) return;
        unsent = ByteBuffer.allocate(out.remaining()).put(out).flip();
        key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    }

    private void flush() throws IOException {
        ByteBuffer rest = unsent;
        if (rest == null) return;
        channel.write(rest);
        if (rest.hasRemaining()) return;
        unsent = null;
        key.interestOps(SelectionKey.OP_READ);
        if (finishing) finish();
    }

    void close() {
        if (stream != null) upstream.ended(stream.client(), place, this);
        stream = null;
        upstream.closed(this);
        try {
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException("a connection cannot be closed: " + e.getMessage(), e);
        }
    }
}
