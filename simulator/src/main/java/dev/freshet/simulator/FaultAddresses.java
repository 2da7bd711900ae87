package dev.freshet.simulator;

import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The simulator over TLS, and the addresses where connecting fails. They take the ports behind the
/// simulator's own, where those are free, and any others else.
final class FaultAddresses implements AutoCloseable {
    private static final String HERE = "127.0.0.1";
    private static final int FULL_AFTER_MILLIS = 200;
    private static final int MOST_WAITING = 64;

    private final Listen listen;
    private final List<Channel> listening = new ArrayList<>();
    private final List<AutoCloseable> sockets = new ArrayList<>();
    private final List<FaultAddress> all = new ArrayList<>();
    private final URI tls;
    private final URI http2;
    private int next;

    /// Listens at a port, with TLS where it is given.
    interface Listen {
        Channel at(String host, int port, @Nullable SslContext tls) throws IOException;
    }

    /// @param faulty whether there are addresses where connecting fails, besides those over TLS
    FaultAddresses(int own, boolean faulty, Listen listen) throws IOException {
        this.listen = listen;
        next = own + 1;
        try {
            tls = secure("localhost");
            http2 = secure("localhost", ApplicationProtocolNames.HTTP_2);
            if (faulty) faults(own);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void faults(int own) throws IOException {
        add(1, "no-such-name", URI.create("http://no-such-name.invalid/v1"), "its name is not found");
        add(2, "refused", refused(), "connections are refused");
        add(2, "no-answer", unanswering(), "connecting takes for ever");
        add(3, "expired", secure("expired"), "its certificate is of 2020");
        add(3, "other-name", secure("elsewhere"), "its certificate is for another host");
        add(3, "stranger", secure("stranger"), "its certificate is signed by itself");
        add(3, "not-tls", URI.create("https://" + HERE + ":" + own + "/v1"), "https, but the server speaks plain HTTP");
    }

    URI tls() {
        return tls;
    }

    URI http2() {
        return http2;
    }

    List<FaultAddress> all() {
        return List.copyOf(all);
    }

    private void add(int row, String name, URI base, String what) {
        all.add(new FaultAddress(row, name, base, what));
    }

    private URI secure(String certificate, String... protocols) throws IOException {
        SslContext context = Certificates.server(certificate, protocols);
        Channel channel;
        try {
            channel = listen.at(HERE, next, context);
        } catch (IOException e) {
            channel = listen.at(HERE, 0, context);
        }
        next++;
        listening.add(channel);
        int port = ((InetSocketAddress) channel.localAddress()).getPort();
        return URI.create("https://localhost:" + port + "/v1");
    }

    /// A port that is taken, but not listened at: whoever connects is refused.
    private URI refused() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        return bound(port -> {
            socket.bind(port);
            return socket.getLocalPort();
        });
    }

    /// A port whose queue of connections is full and never served: the system leaves others unanswered.
    private URI unanswering() throws IOException {
        ServerSocket server = new ServerSocket();
        sockets.add(server);
        URI base = bound(port -> {
            server.bind(port, 1);
            return server.getLocalPort();
        });
        for (int i = 0; i < MOST_WAITING; i++) {
            Socket waiting = new Socket();
            sockets.add(waiting);
            try {
                waiting.connect(server.getLocalSocketAddress(), FULL_AFTER_MILLIS);
            } catch (SocketTimeoutException e) {
                return base;
            }
        }
        throw new IOException("this system's queue of connections is never full");
    }

    private interface Bind {
        int to(InetSocketAddress address) throws IOException;
    }

    private URI bound(Bind bind) throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        int port;
        try {
            port = bind.to(new InetSocketAddress(here, next));
        } catch (IOException e) {
            port = bind.to(new InetSocketAddress(here, 0));
        }
        next++;
        return URI.create("http://" + HERE + ":" + port + "/v1");
    }

    @Override
    public void close() {
        listening.forEach(channel -> channel.close().syncUninterruptibly());
        for (AutoCloseable socket : sockets) {
            try {
                socket.close();
            } catch (Exception e) {
                // it is of no use any more
            }
        }
    }
}
