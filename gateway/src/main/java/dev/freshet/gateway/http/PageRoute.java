package dev.freshet.gateway.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// A file of the chat page, compressed for who takes that, with an entity tag (RFC 9110, 8.8.3), and with headers that
/// let it do no more than it needs.
final class PageRoute implements Route {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data: blob:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'; trusted-types freshet";

    /// Those that were asked for already; the program's files do not change.
    private static final ConcurrentMap<String, PageFile> READ = new ConcurrentHashMap<>();

    private final String name;
    private final Executor blocking;

    /// @param name one of [PageFile#NAMES]
    /// @param blocking where the file is read and compressed, once
    PageRoute(String name, Executor blocking) {
        this.name = name;
        this.blocking = blocking;
    }

    /// Where it stands.
    static String path(String name) {
        return name.equals(PageFile.INDEX) ? "/" : "/" + name;
    }

    @Override
    public Role role() {
        return Role.ANYONE;
    }

    @Override
    public void serve(Request request, byte[] body, Response response) {
        PageFile file = READ.get(name);
        if (file != null) {
            serve(request, file, response);
            return;
        }
        try {
            blocking.execute(() -> {
                PageFile read = READ.computeIfAbsent(name, PageFile::read);
                response.onLoop(() -> serve(request, read, response));
            });
        } catch (RejectedExecutionException e) {
            // The gateway is closing, and the connection with it.
        }
    }

    private static void serve(Request request, PageFile file, Response response) {
        boolean zipped = takesGzip(request.header("Accept-Encoding"));
        String tag = "\"" + file.hash() + (zipped ? "-gzip\"" : "\"");
        response.header("Content-Security-Policy", POLICY);
        response.header("X-Content-Type-Options", "nosniff");
        response.header("Referrer-Policy", "no-referrer");
        response.header("Cache-Control", "no-cache");
        response.header("Vary", "Accept-Encoding");
        response.header("ETag", tag);
        if (matches(request.header("If-None-Match"), tag)) {
            response.unchanged();
            return;
        }
        if (zipped) response.header(HttpHeaderNames.CONTENT_ENCODING.toString(), "gzip");
        response.whole(200, file.contentType(), zipped ? file.compressed() : file.plain());
    }

    /// RFC 9110, 12.5.3; a weight of 0 says no.
    private static boolean takesGzip(@Nullable String accepted) {
        if (accepted == null) return false;
        for (String one : accepted.split(",", -1)) {
            String coding = one.replace(" ", "");
            if (coding.equalsIgnoreCase("gzip")) return true;
            if (coding.regionMatches(true, 0, "gzip;q=", 0, 7))
                return !coding.substring(7).matches("0(\\.0*)?");
        }
        return false;
    }

    /// RFC 9110, 13.1.2: compared weakly.
    private static boolean matches(@Nullable String known, String tag) {
        if (known == null) return false;
        for (String one : known.split(",", -1)) {
            String strong = one.strip().replaceFirst("^W/", "");
            if (strong.equals("*") || strong.equals(tag)) return true;
        }
        return false;
    }
}
