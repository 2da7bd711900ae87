package dev.freshet.gateway.upstream;

import dev.freshet.gateway.model.Provider;

/// Where a connection leads: connections are shared between providers of the same origin.
record Origin(boolean tls, String host, int port) {
    static Origin of(Provider provider) {
        String host = provider.baseUrl().getHost();
        boolean bracketed = host.startsWith("[");
        return new Origin(provider.tls(), bracketed ? host.substring(1, host.length() - 1) : host, provider.port());
    }

    @Override
    public String toString() {
        return (tls ? "https://" : "http://") + host + ":" + port;
    }
}
