package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.Provider;
import org.jspecify.annotations.Nullable;

/// Where a connection leads: connections are shared between providers of the same origin.
///
/// @param authorities who may sign its certificate; null where the usual ones may
record Origin(boolean tls, String host, int port, @Nullable String authorities) {
    static Origin of(Provider provider) {
        String host = provider.baseUrl().getHost();
        boolean bracketed = host.startsWith("[");
        return new Origin(
                provider.tls(),
                bracketed ? host.substring(1, host.length() - 1) : host,
                provider.port(),
                provider.authorities());
    }

    @Override
    public String toString() {
        return (tls ? "https://" : "http://") + host + ":" + port;
    }
}
