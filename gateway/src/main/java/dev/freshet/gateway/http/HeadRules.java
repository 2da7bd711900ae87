package dev.freshet.gateway.http;

import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.InvalidLineSeparatorException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What an HTTP/1.1 head must be so that nobody reads it otherwise: its request line, its target, and where its body
/// ends. What is wrong is said in words for the client. Stateless.
final class HeadRules {
    static final String LENGTH = "Send one Content-Length, in digits alone and without leading zeros.";

    private static final String CODING =
            "Transfer-Encoding may be `chunked` alone, once, in HTTP/1.1, and without Content-Length; or send a length.";
    private static final String TARGET = "The path has characters that no path has; percent-encode them.";
    private static final Pattern DIGITS = Pattern.compile("0|[1-9]\\d{0,18}");

    /// `http` or `https`, an authority, and what follows it (RFC 9112, 3.2.2).
    private static final Pattern ABSOLUTE = Pattern.compile("(?i:https?)://([^/?]*)(.*)");

    private HeadRules() {}

    /// What is wrong with a request line.
    static @Nullable String fault(String method, String target, String version) {
        if (version.equals("HTTP/2.0") && method.equals("PRI"))
            return "HTTP/2 needs listen.tls, which this port has not; ask it by HTTP/1.1.";
        if (!version.equals("HTTP/1.1") && !version.equals("HTTP/1.0"))
            return "The request line ends with HTTP/1.1; other versions are not spoken here.";
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c > '~' || c == '#') return TARGET;
        }
        if (method.equals("CONNECT")) return "This is no proxy, so CONNECT leads nowhere; ask for a path.";
        if (target.equals("*"))
            return method.equals("OPTIONS") ? null : "Only OPTIONS may ask for *; ask for a path, like /v1/models.";
        boolean known = target.startsWith("/") || ABSOLUTE.matcher(target).matches();
        return known ? null : "A path begins with a slash, like /v1/models.";
    }

    /// What is wrong with a head whose fields have come. An absolute target becomes its path.
    static @Nullable String fault(HttpRequest head) {
        HttpHeaders headers = head.headers();
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        if (length != null && !DIGITS.matcher(length).matches()) return LENGTH;
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        boolean chunked = codings.size() == 1 && codings.getFirst().equalsIgnoreCase("chunked");
        if (!codings.isEmpty() && !(chunked && length == null)) return CODING;
        // Netty waits for 8 bytes of a body behind these, which nobody else expects there.
        if (headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY1)) return "WebSockets are not spoken here.";
        return head.uri().startsWith("/") || head.uri().equals("*") ? null : absolute(head);
    }

    /// RFC 9112, 3.2.2: the target's authority is the one that counts; so a Host that says otherwise is a trap.
    private static @Nullable String absolute(HttpRequest head) {
        Matcher target = ABSOLUTE.matcher(head.uri());
        if (!target.matches()) throw new IllegalStateException("the request line was checked");
        String authority = target.group(1);
        String host = head.headers().get(HttpHeaderNames.HOST);
        if (host == null && head.protocolVersion().equals(HttpVersion.HTTP_1_0))
            head.headers().set(HttpHeaderNames.HOST, authority);
        else if (host != null && !host.equalsIgnoreCase(authority))
            return "The address in the request line and the Host header differ; send a path, like /v1/models.";
        String rest = target.group(2);
        boolean all = rest.isEmpty() && head.method().equals(HttpMethod.OPTIONS);
        head.setUri(all ? "*" : rest.startsWith("/") ? rest : "/" + rest);
        return null;
    }

    /// Puts what Netty found into words.
    static Throwable explained(Throwable cause, HttpRequest head) {
        if (cause instanceof MalformedRequestException || cause instanceof TooLongFrameException) return cause;
        return new MalformedRequestException(words(cause, head.headers()));
    }

    private static String words(Throwable cause, HttpHeaders headers) {
        if (cause instanceof InvalidLineSeparatorException) return "A line ends with a bare LF; lines end with CR LF.";
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)) return CODING;
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        if (length != null && !DIGITS.matcher(length).matches()) return LENGTH;
        return "A line of the head is malformed. The request line is a method, a path and HTTP/1.1; headers are `Name:"
                + " value`, without white space before the colon.";
    }
}
