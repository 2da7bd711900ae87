package dev.freshet.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// A request's head, as the routes see it.
///
/// @param path without the query
/// @param fromHere whether the client is on this machine
record Request(
        HttpMethod method, String path, HttpHeaders headers, boolean http10, boolean keepAlive, boolean fromHere) {
    static Request of(HttpRequest head, SocketAddress client) {
        String uri = head.uri();
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        boolean http10 = head.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0;
        boolean here = client instanceof InetSocketAddress address
                && address.getAddress() != null
                && address.getAddress().isLoopbackAddress();
        return new Request(head.method(), path, head.headers(), http10, HttpUtil.isKeepAlive(head), here);
    }

    @Nullable
    String header(CharSequence name) {
        return headers.get(name);
    }

    /// The client's key: what follows `Bearer ` in Authorization.
    @Nullable
    String bearer() {
        String value = headers.get(HttpHeaderNames.AUTHORIZATION);
        if (value == null || !value.regionMatches(true, 0, "Bearer ", 0, 7)) return null;
        return value.substring(7).strip();
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
