package dev.freshet.gateway.http;

import dev.freshet.gateway.access.Admission;
import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.access.Callers;
import dev.freshet.gateway.net.Frames;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request's head, as the routes see it.
///
/// @param path without the query
/// @param query what follows the question mark; empty where there is none
/// @param fromHere whether the client is on this machine
/// @param admission whether its key is good, or none is asked for
record Request(
        HttpMethod method,
        String path,
        String query,
        HttpHeaders headers,
        Protocol protocol,
        boolean keepAlive,
        boolean fromHere,
        Admission admission) {
    private static final int MAX_PARAMETERS = 32;

    /// A version of HTTP.
    enum Protocol {
        HTTP_1_0(Frames.Form.UNTIL_CLOSE),
        HTTP_1_1(Frames.Form.CHUNKED),
        HTTP_2(Frames.Form.HTTP_2);

        private final Frames.Form frames;

        Protocol(Frames.Form frames) {
            this.frames = frames;
        }

        /// How a body without a length is written.
        Frames.Form frames() {
            return frames;
        }
    }

    /// @param channel that it came over
    static Request of(HttpRequest head, Channel channel, Callers callers) {
        String uri = head.uri();
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        boolean http10 = head.protocolVersion().compareTo(HttpVersion.HTTP_1_1) < 0;
        Protocol protocol = channel instanceof Http2StreamChannel
                ? Protocol.HTTP_2
                : http10 ? Protocol.HTTP_1_0 : Protocol.HTTP_1_1;
        boolean here = channel.remoteAddress() instanceof InetSocketAddress address
                && address.getAddress() != null
                && address.getAddress().isLoopbackAddress();
        String parameters = query < 0 ? "" : uri.substring(query + 1);
        Admission admission =
                callers.admit(bearer(head.headers()), head.headers().get(HttpHeaderNames.ORIGIN));
        return new Request(
                head.method(), path, parameters, head.headers(), protocol, HttpUtil.isKeepAlive(head), here, admission);
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

    /// Frees the headers, which have all been looked at when an answer begins that may last for minutes.
    void forgetHeaders() {
        headers.clear();
    }

    /// Who asks.
    ///
    /// @throws IllegalStateException where it was not admitted
    Caller caller() {
        if (admission instanceof Admission.Admitted(Caller caller)) return caller;
        throw new IllegalStateException("not admitted");
    }

    /// The client's own key for a provider: what follows `Bearer ` in Authorization, where that is no key
    /// of ours.
    @Nullable
    String foreignBearer() {
        return caller().key() == null ? bearer(headers) : null;
    }

    private static @Nullable String bearer(HttpHeaders headers) {
        String value = headers.get(HttpHeaderNames.AUTHORIZATION);
        if (value == null || !value.regionMatches(true, 0, "Bearer ", 0, 7)) return null;
        return value.substring(7).strip();
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
