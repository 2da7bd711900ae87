package dev.freshet.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request's head, as the routes see it.
///
/// @param path without the query
/// @param query what follows the question mark; empty where there is none
/// @param fromHere whether the client is on this machine
record Request(
        HttpMethod method,
        String path,
        String query,
        HttpHeaders headers,
        boolean http10,
        boolean keepAlive,
        boolean fromHere) {
    private static final int MAX_PARAMETERS = 32;

    static Request of(HttpRequest head, SocketAddress client) {
        String uri = head.uri();
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        boolean http10 = head.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0;
        boolean here = client instanceof InetSocketAddress address
                && address.getAddress() != null
                && address.getAddress().isLoopbackAddress();
        String parameters = query < 0 ? "" : uri.substring(query + 1);
        return new Request(head.method(), path, parameters, head.headers(), http10, HttpUtil.isKeepAlive(head), here);
    }

    /// A part of the path, counted from 0.
    String segment(int index) {
        return path.split("/", -1)[index + 1];
    }

    /// A parameter of the query; null where it is not there.
    @Nullable
    String parameter(String name) {
        if (query.isEmpty()) return null;
        List<String> values = new QueryStringDecoder(query, StandardCharsets.UTF_8, false, MAX_PARAMETERS)
                .parameters()
                .get(name);
        return values == null ? null : values.getFirst();
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
