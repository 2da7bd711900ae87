package dev.freshet.gateway.http;

import dev.freshet.gateway.model.Failure;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Header fields that a request has once at most, because of two a proxy in front might believe the other one.
/// Stateless.
/// Source: RFC 9110, 5.3 and 7.2; RFC 9112, 3.2.
final class SingleFields {
    private static final List<CharSequence> NAMES = List.of(
            HttpHeaderNames.AUTHORIZATION,
            HttpHeaderNames.CONTENT_TYPE,
            HttpHeaderNames.ORIGIN,
            "Last-Event-ID",
            "Idempotency-Key",
            "Freshet-Ids",
            "Freshet-Grace",
            "Freshet-Guard",
            "Freshet-Tag");

    /// A name or an address, and perhaps a port. A comma, which the grammar has too, is how doubled ones are joined.
    private static final Pattern HOST = Pattern.compile("([A-Za-z0-9._-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}])(:\\d{0,5})?");

    private SingleFields() {}

    /// Why a request is refused; null where it is not.
    static @Nullable Failure fault(Request request) {
        HttpHeaders headers = request.headers();
        Iterator<String> hosts = headers.valueStringIterator(HttpHeaderNames.HOST);
        if ((!hosts.hasNext() && request.protocol() != Request.Protocol.HTTP_1_0) || twice(hosts))
            return Failure.invalid("A request has exactly one Host (RFC 9112, 3.2; RFC 9113, 8.3.1).", null);
        String host = headers.get(HttpHeaderNames.HOST);
        if (host != null && !HOST.matcher(host).matches())
            return Failure.invalid(
                    "The Host header is a name or an address, and perhaps a port, and nothing else.", null);
        for (CharSequence name : NAMES) {
            if (twice(headers.valueStringIterator(name)))
                return Failure.invalid("The header " + name + " came more than once; send it once.", name.toString());
        }
        return null;
    }

    private static boolean twice(Iterator<String> values) {
        if (!values.hasNext()) return false;
        values.next();
        return values.hasNext();
    }
}
