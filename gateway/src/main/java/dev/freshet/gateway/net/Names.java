package dev.freshet.gateway.net;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// Resolves host names as the system does, but not on an event loop: a slow name server must not hold up the
/// tokens of others.
public final class Names extends AddressResolverGroup<InetSocketAddress> {
    private final Executor blocking;

    /// @param blocking where look-ups may block
    public Names(Executor blocking) {
        this.blocking = blocking;
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new OffLoop(executor, blocking).asAddressResolver();
    }

    private static final class OffLoop extends InetNameResolver {
        private final Executor blocking;

        OffLoop(EventExecutor executor, Executor blocking) {
            super(executor);
            this.blocking = blocking;
        }

        @Override
        protected void doResolve(String host, Promise<InetAddress> promise) {
            elsewhere(() -> InetAddress.getByName(host), promise);
        }

        @Override
        protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
            elsewhere(() -> List.of(InetAddress.getAllByName(host)), promise);
        }

        private <T> void elsewhere(LookUp<T> lookUp, Promise<T> promise) {
            try {
                blocking.execute(() -> {
                    try {
                        T found = lookUp.result();
                        if (!executor().isShuttingDown()) promise.trySuccess(found);
                    } catch (UnknownHostException e) {
                        if (!executor().isShuttingDown()) promise.tryFailure(e);
                    }
                });
            } catch (RejectedExecutionException e) {
                promise.tryFailure(e);
            }
        }
    }

    @FunctionalInterface
    private interface LookUp<T> {
        T result() throws UnknownHostException;
    }
}
