package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.Proxies;
import dev.freshet.gateway.net.Loop;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetSocketAddress;

/// The providers' client of one event loop: its connections, and the array that reads are decoded from. Owned
/// by that loop.
public final class UpstreamClient {
    private static final int READ_SIZE = 64 << 10;

    private final Loop loop;
    private final ConnectionPool pool = new ConnectionPool();
    private final Connector connector;
    private final byte[] scratch = new byte[READ_SIZE];

    /// @param names resolves host names
    /// @param proxies what leads to providers
    public UpstreamClient(
            EventLoop eventLoop,
            Loop loop,
            Class<? extends Channel> channel,
            AddressResolverGroup<InetSocketAddress> names,
            Tls tls,
            Proxies proxies) {
        this.loop = loop;
        connector = new Connector(eventLoop, loop, channel, names, tls, proxies, pool);
    }

    /// Begins an attempt. Its listener is told of everything on this loop, never during this call.
    public Attempt start(Call call, AttemptListener listener) {
        Attempt attempt = new Attempt(this, call, listener);
        attempt.start();
        return attempt;
    }

    /// How many connections rest until they are needed again. From any thread.
    public int resting() {
        return pool.size();
    }

    /// Closes the connections that rest.
    public void close() {
        loop.execute(pool::close);
    }

    Loop loop() {
        return loop;
    }

    ConnectionPool pool() {
        return pool;
    }

    /// What a read's bytes are copied to, to be decoded; its content is good until the next read on this loop.
    byte[] scratch() {
        return scratch;
    }

    Connector connector() {
        return connector;
    }
}
