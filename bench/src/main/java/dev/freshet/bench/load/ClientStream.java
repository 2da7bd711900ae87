package dev.freshet.bench.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One client's connection: it asks for one stream after the other, and reads. Owned by the load's thread.
final class ClientStream implements LoadLoop.Ready, MarkListener {
    private static final String PROMPT = "Tell me how a river finds its way to the sea. ".repeat(9);

    private final LoadClient client;
    private final int number;
    private final LoadLoop loop;
    private final SocketAddress address;
    private final ResponseReader response = new ResponseReader();
    private final MarkScanner scanner = new MarkScanner();
    private final Sequence sequence;
    private @Nullable SocketChannel channel;
    private boolean asking;
    private long sentAt;
    private long readAt;
    private boolean first;
    private int total;

    ClientStream(LoadClient client, int number, LoadLoop loop, SocketAddress address) {
        this.client = client;
        this.number = number;
        this.loop = loop;
        this.address = address;
        this.sequence = new Sequence(client.tally());
    }

    /// Asks for a stream of so many tokens: on its connection, or on a new one where the other side closed
    /// that.
    void ask(int tokens) {
        response.restart();
        scanner.restart();
        sequence.restart();
        asking = true;
        first = true;
        total = -1;
        try {
            SocketChannel open = connected();
            ByteBuffer out = loop.out().put(request(tokens)).flip();
            sentAt = System.nanoTime();
            open.write(out);
            if (out.hasRemaining()) throw new ProtocolException("the request does not fit the socket's buffer");
        } catch (IOException e) {
            broke(e);
        }
    }

    SocketChannel connected() throws IOException {
        if (channel != null) return channel;
        SocketChannel opened = SocketChannel.open();
        opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
        opened.connect(address);
        loop.register(opened, SelectionKey.OP_READ, this);
        channel = opened;
        return opened;
    }

    private byte[] request(int tokens) {
        String body = ("{\"model\":\"bench\",\"stream\":true,\"max_tokens\":%d,\"user\":\"%d\","
                        + "\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}")
                .formatted(tokens, number, PROMPT);
        String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                + "Accept: text/event-stream\r\nAuthorization: Bearer " + LoadClient.KEY + "\r\nContent-Length: "
                + body.length() + "\r\n\r\n";
        return (head + body).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void ready(SelectionKey key) {
        try {
            int length = ((SocketChannel) key.channel()).read(loop.in());
            readAt = System.nanoTime();
            if (length < 0) throw new EOFException("closed by the other side");
            if (response.read(loop.read(), length, this::scan)) ended();
        } catch (IOException e) {
            if (asking) broke(e);
            else close();
        }
    }

    private void scan(byte[] bytes, int from, int to) {
        scanner.scan(bytes, from, to, this);
    }

    @Override
    public void token(int at, long stamp) {
        if (first) client.window().first(readAt - sentAt);
        first = false;
        sequence.received(at);
        client.window().token(readAt - stamp);
        client.read(number);
    }

    @Override
    public void finish(int written) {
        total = written;
    }

    private void ended() throws ProtocolException {
        if (!scanner.done()) throw new ProtocolException("the response ended without the stream's end");
        asking = false;
        sequence.ended(total);
        client.ended(this);
    }

    private void broke(IOException cause) {
        asking = false;
        client.tally().broken(cause.toString());
        close();
        client.broken();
    }

    void close() {
        SocketChannel open = channel;
        channel = null;
        if (open == null) return;
        try {
            open.close();
        } catch (IOException e) {
            throw new IllegalStateException("a connection cannot be closed: " + e.getMessage(), e);
        }
    }
}
